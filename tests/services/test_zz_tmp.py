
import time
import pytest
from sqlalchemy import insert, select, text
from hotline.services import release_events
from hotline.store import custody
from hotline.store.models import *
from tests.conftest import NOW
pytestmark = pytest.mark.server
N = 200_000
def test_big(line):
    with line.database.begin() as db:
        old = custody.begin_import(db, "full", NOW)
        db.execute(text(f"UPDATE custody_import SET status='finished' WHERE id={old}"))
        i = custody.begin_import(db, "full", NOW)
        S = Base.metadata.tables["subject"]; E = Base.metadata.tables["custody_event"]
        for a in range(0, N, 20000):
            db.execute(insert(S), [dict(id=n+1, subject_id=f"S{n}", given_names="a", surnames="b", birth_country="GT", disclosable=True, protected=False, updated_at=NOW, findable=False) for n in range(a, a+20000)])
            db.execute(insert(E), [dict(subject_ref=n+1, key="k", kind="booked_in", at=NOW, received_at=NOW, import_id=old, state="released") for n in range(a, a+20000)])
            db.execute(insert(E), [dict(subject_ref=n+1, key="k2", kind="booked_in" if n % 10 else "under_review", at=NOW, received_at=NOW, import_id=i, state="derived") for n in range(a, a+20000)])
    from sqlalchemy import event
    from collections import defaultdict
    spent = defaultdict(float); calls = defaultdict(int)
    eng = line.database.engine
    event.listen(eng, "before_cursor_execute", lambda c, cur, st, p, ctx, m: setattr(ctx, "_t", time.monotonic()))
    def after(c, cur, st, p, ctx, m):
        spent[st[:110].replace("\n"," ")] += time.monotonic() - ctx._t; calls[st[:110].replace("\n"," ")] += 1
    event.listen(eng, "after_cursor_execute", after)
    t = time.monotonic()
    out = release_events.release(line, i)
    for k, v in sorted(spent.items(), key=lambda kv: -kv[1])[:8]: print("RELEASE  ", round(v,2), calls[k], k)
    print("RELEASE", line.database.engine.dialect.name, N, round(time.monotonic() - t, 1), out)
