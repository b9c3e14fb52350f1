"""Stints that turn up under another subject number: the agency has merged two people, or split one.

A stint is the same where its own two numbers, its book-in, and the person's date and country of birth are: numbers
alone would do for an agency whose numbers are its own everywhere, and be wrong for one that counts anew for each
person. Of two versions the newer one says whose it is; equally new ones leave it with both. What was told of a
stint goes with it, so it is not told again; what can't be matched stays for the review of the missing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from hotline.rules import records
from hotline.rules.feed_versions import StintKey
from hotline.rules.name_entries import entry_of
from hotline.store import bulk, name_index
from hotline.store.models import Base, CustodyEvent, Stint, Subject

SUBJECT, STINT, EVENT = (Base.metadata.tables[table.__tablename__] for table in (Subject, Stint, CustodyEvent))


@dataclass(frozen=True, slots=True)
class Moving:
    """What a batch of rows moves: stored stints by row id, from whom to which subject number, and their beginning of
    event keys; and its own rows that are older than the same stint elsewhere."""

    stints: Mapping[int, tuple[int, str, str]]
    stale: frozenset[StintKey]

    @property
    def former(self) -> frozenset[int]:
        """The subjects that lose a stint."""
        return frozenset(ref for ref, _, _ in self.stints.values())


def find(session: Session, stints: Mapping[StintKey, records.Stint]) -> Moving:
    """Which stored stints these new ones take away from other subjects, and which of the new ones come too late."""
    newest: dict[int | None, datetime] = {}
    for stint in stints.values():
        mark = stint.fingerprint
        newest[mark] = max(stint.updated_at, newest.get(mark, stint.updated_at))
    query = (
        select(STINT.c.id, STINT.c.subject_ref, STINT.c.fingerprint, STINT.c.updated_at, SUBJECT.c.subject_id)
        .join(SUBJECT, SUBJECT.c.id == STINT.c.subject_ref)
        .where(bulk.among(session, STINT.c.fingerprint, newest.keys()))
    )
    stored = session.execute(query).all()
    if not stored and len(newest) == len(stints):  # nobody has seen any of them before
        return Moving({}, frozenset())
    for row in stored:
        newest[row.fingerprint] = max(row.updated_at, newest[row.fingerprint])
    owners: dict[int | None, list[StintKey]] = {}
    for key, stint in sorted(stints.items(), key=lambda item: item[0]):
        if stint.updated_at == newest[stint.fingerprint]:
            owners.setdefault(stint.fingerprint, []).append(key)
    moved = {
        row.id: (row.subject_ref, heirs[0][0], _prefix(stints[heirs[0]]))
        for row in stored
        if (heirs := owners.get(row.fingerprint))
        and row.updated_at < newest[row.fingerprint]
        and row.subject_id not in {subject_id for subject_id, _ in heirs}
    }
    stale = frozenset(key for key, stint in stints.items() if stint.updated_at < newest[stint.fingerprint])
    return Moving(moved, stale)


def move(session: Session, moving: Moving, refs: Mapping[str, int]) -> None:
    """Take the stints from their former subjects, and give what was told of them to the new ones, by `refs`."""
    if not moving.stints:
        return
    session.execute(delete(STINT).where(STINT.c.id.in_(moving.stints)))
    heirs = {(former, prefix): refs[heir] for former, heir, prefix in moving.stints.values()}
    known = select(EVENT.c.subject_ref, EVENT.c.key).where(EVENT.c.subject_ref.in_(set(heirs.values())))
    taken = {(ref, key) for ref, key in session.execute(known)}
    told = select(EVENT.c.id, EVENT.c.subject_ref, EVENT.c.key).where(EVENT.c.subject_ref.in_(moving.former))
    for event_id, ref, key in session.execute(told).all():
        heir = heirs.get((ref, key.rpartition(":")[0]))
        if heir is not None and (heir, key) not in taken:
            session.execute(update(EVENT).where(EVENT.c.id == event_id).values(subject_ref=heir))


def hide_the_empty(session: Session, refs: Collection[int], words: name_index.WordIds) -> frozenset[int]:
    """Take those of these subjects who have no stint left out of the search; a newer row of theirs brings them back."""
    is_empty = ~exists().where(STINT.c.subject_ref == SUBJECT.c.id)
    of_person = (SUBJECT.c[name] for name in records.Person._fields)
    query = select(SUBJECT.c.id, SUBJECT.c.findable, *of_person).where(SUBJECT.c.id.in_(refs), is_empty)
    empty = session.execute(query).all()
    found = [(ref, entry_of(records.Person(*person))) for ref, findable, *person in empty if findable]
    name_index.remove_people(session, found, words)
    hidden = frozenset(row.id for row in empty)
    if hidden:
        session.execute(update(SUBJECT).where(SUBJECT.c.id.in_(hidden)).values(disclosable=None))
    return hidden


def _prefix(stint: records.Stint) -> str:
    return f"{quote(stint.stay_id, safe='')}/{quote(stint.stint_id, safe='')}"
