"""Where a person is held is for staff: no call, text or notice ever says a place or its number."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest

from hotline.ivr.load import load_phrasebook
from hotline.ivr.phrasebook import slots
from hotline.rules.custody import EventKind
from hotline.rules.custody_wordings import RAW_WORDINGS
from hotline.services.facilities import import_facilities
from hotline.services.sample_custody import closed
from hotline.settings import ROOT
from hotline.store.models import Delivery
from tests.calls.people import ASKS_FOR_JUAN, JUAN
from tests.calls.stage import Stage
from tests.calls.test_manage import confirmation, entered
from tests.calls.test_news import open_row

pytestmark = pytest.mark.server  # many rows, calls or processes

PLACE = {"facility_code": "QXZ77", "facility_name": "Brambleford Processing Center", "facility_state": "Idaho"}
LIST = (
    b"code,name,state,public_number,source,as_of\nQXZ77,Brambleford Processing Center,Idaho,2025550143,x,2026-02-01\n"
)
TELLING = ("qxz77", "brambleford", "processing center", "idaho", "2025550143", "202 555 0143", "0, 1, 4, 3")
ONE_EACH = {kind: wording for wording, kind in RAW_WORDINGS.items() if kind not in (EventKind.DIED,)}


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_prompt_has_room_for_a_place(language: str) -> None:
    for key, text in load_phrasebook(ROOT / "audio", (language,)).texts[language].items():
        assert not any(re.search("facilit|place|where|center|city|state", slot) for slot in slots(text)), key


def test_only_the_commands_for_staff_read_the_list() -> None:
    reads = {
        path.relative_to(ROOT / "hotline").as_posix()
        for path in (ROOT / "hotline").rglob("*.py")
        if re.search(r"(store|services)(\.| import .*\b)facilities\b", path.read_text("utf-8"))
    }
    assert reads == {"services/facilities.py", "cli/custody_watch.py"}


@pytest.mark.server
@pytest.mark.parametrize("wording", ONE_EACH.values(), ids=lambda wording: wording[:20])
def test_no_call_text_or_notice_says_where_a_person_is(stage: Stage, wording: str) -> None:
    import_facilities(stage.line, io.BytesIO(LIST))
    number = confirmation(stage.signed_up(ASKS_FOR_JUAN))
    stage.imports([closed(open_row(JUAN) | PLACE, wording, stage.now - timedelta(hours=1))])
    stage.look()
    heard = ""
    if stage.rows(Delivery, urgency="critical") or stage.rows(Delivery, urgency="emergency"):
        heard += stage.phone().answer().press("4827#").press("1").press("2").heard
    heard += entered(stage, number).press("1").heard
    sent = " ".join(str(request.form) for request in stage.platform.requests)
    said = f"{heard} {sent}".casefold()
    assert [word for word in TELLING if word in said] == []
