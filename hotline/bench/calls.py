"""Whole calls without a telephone: name, country and date, the search, the last name keyed, the read-back."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from random import Random

from sqlalchemy.orm import Session as Transaction

from hotline.bench.callers import FAR, NEAR, Call, Kind, calls
from hotline.bench.held import FeedPerson, bare_words
from hotline.bench.slips import keyed_slip, on_keys

GROUPS = ("unique name", "namesakes", "year contradicts", "strangers", "fishing", "near")
WRONG_KEY = 0.05
"""The share of callers who slip when they key the last name."""


@dataclass(frozen=True, slots=True)
class Played:
    """How one call ended: the subject read back and confirmed by the caller, if any, and the questions it took.

    `read_back` counts people read back, `at_once` is whether the end came without the last name keyed. A question
    is one beyond name and country: the date of birth, and the last name by keypad.
    """

    confirmed: str | None
    read_back: int
    at_once: bool
    questions: int


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """Shares of the calls of one group, 0 to 1: the right person confirmed before the last name was keyed and in
    the end, a wrong one confirmed, anybody wrong read back; questions on average."""

    calls: int
    right_at_once: float
    right: float
    wrong: float
    read_back: float
    questions: float


@dataclass(frozen=True, slots=True)
class CallFigures:
    """All the calls by group; `contradicting` counts confirmed people whose year of birth contradicts the stated."""

    groups: Mapping[str, GroupFigures]
    contradicting: int
    questions: float

    def as_json(self) -> dict[str, object]:
        groups = {name: asdict(found) for name, found in self.groups.items()}
        return {"groups": groups, "contradicting": self.contradicting, "questions": self.questions}

    def as_table(self) -> str:
        heads = f"{'at once':>10}{'right':>8}{'wrong':>8}{'read back wrongly':>19}{'questions':>11}"
        lines = [f"{'whole calls':20}{'calls':>7}{heads}"]
        for name, row in self.groups.items():
            shares = f"{row.right_at_once:>10.1%}{row.right:>8.1%}{row.wrong:>8.2%}{row.read_back:>19.2%}"
            lines.append(f"{name:20}{row.calls:>7}{shares}{row.questions:>11.2f}")
        lines.append(f"confirmed against the stated year: {self.contradicting}; questions a call: {self.questions:.2f}")
        return "\n".join(lines)


def measure_calls(
    people: Sequence[FeedPerson], count: int, seed: int, now: datetime, outsiders: Sequence[FeedPerson] = ()
) -> CallFigures:
    """Plays `count` calls against the database of this environment, which holds these people."""
    from hotline.rules.disclosure import earliest_date
    from hotline.services.line import open_line
    from hotline.settings import read_settings

    line = open_line(read_settings(), lambda: now)
    by_id = {person.subject_id: person for person in people}
    chance = Random(f"{seed}:keys")
    played: list[tuple[Call, Played]] = []
    for call in calls(people, count, seed, outsiders):
        with line.database.read() as db:
            hotline = _Line(db, by_id, line.settings.languages, earliest_date(now))
            played.append((call, play(call, hotline, chance)))
    line.database.close()
    return summed(played, by_id)


def play(call: Call, line: _Line, chance: Random) -> Played:
    """One call along the flow: the date is asked of everyone, the last name by keypad of those in doubt."""
    record = json.loads(call.asked.as_line())
    decision, subject = line.search(record)
    questions, read_back = 1, 0
    if decision == "key_surname":
        keyed = keyed_surname(call, chance)
        questions += 1
        if keyed:
            decision, subject = line.search({**record, "surnames_keys": keyed})
    if decision != "confirm" or subject is None:
        return Played(None, 0, questions == 1, questions)
    read_back += subject != call.asked.wanted
    says_yes = subject == call.asked.wanted or call.asked.kind is Kind.FISHING or line.sounds_right(subject, call)
    return Played(subject if says_yes else None, read_back, questions == 1, questions)


def keyed_surname(call: Call, chance: Random) -> str:
    """The last name as a caller in doubt keys it: of two often the first alone, now and then with a wrong key."""
    if not call.surname:
        return ""
    keyed = on_keys(call.surname[:1] if chance.random() < 0.4 else call.surname, chance)
    return keyed_slip(keyed, chance) if keyed and chance.random() < WRONG_KEY else keyed


def summed(played: Sequence[tuple[Call, Played]], people: Mapping[str, FeedPerson]) -> CallFigures:
    """The shares by group."""
    by_group: dict[str, list[tuple[Call, Played]]] = defaultdict(list)
    for call, end in played:
        by_group[_group(call)].append((call, end))
    contradicting = sum(
        _contradicts(call.asked.birth_date, people[end.confirmed].birth) for call, end in played if end.confirmed
    )
    groups = {name: _figures(by_group[name]) for name in GROUPS if by_group[name]}
    return CallFigures(groups, contradicting, sum(end.questions for _, end in played) / max(1, len(played)))


def _figures(played: Sequence[tuple[Call, Played]]) -> GroupFigures:
    count = len(played)
    right = [end for call, end in played if end.confirmed is not None and end.confirmed == call.asked.wanted]
    wrong = [end for call, end in played if end.confirmed is not None and end.confirmed != call.asked.wanted]
    return GroupFigures(
        calls=count,
        right_at_once=sum(end.at_once for end in right) / count,
        right=len(right) / count,
        wrong=len(wrong) / count,
        read_back=sum(end.read_back for _, end in played) / count,
        questions=sum(end.questions for _, end in played) / count,
    )


def _group(call: Call) -> str:
    if call.asked.kind is Kind.FISHING:
        return "fishing"
    if call.asked.kind in FAR:
        return "strangers"
    if call.asked.kind in NEAR:
        return "near"
    if call.contradicts:
        return "year contradicts"
    return "unique name" if call.asked.decided_by_name else "namesakes"


def _contradicts(said: str, recorded: str) -> bool:
    return bool(said and recorded) and abs(int(said[:4]) - int(recorded[:4])) > 1


@dataclass(frozen=True, slots=True)
class _Line:
    """What a call needs of the hotline: the search, and the name as it is read back."""

    db: Transaction
    people: Mapping[str, FeedPerson]
    languages: tuple[str, ...]
    today: date

    def search(self, record: Mapping[str, object]) -> tuple[str, str | None]:
        """The decision, and the feed's id of the person to be read back."""
        from hotline.services.match_names import query_of
        from hotline.services.search import search
        from hotline.store.people import subject_ids

        decision = search(self.db, query_of(record, self.languages), self.today)
        if decision.subject is None:
            return decision.kind.value, None
        return decision.kind.value, subject_ids(self.db, [decision.subject], self.today)[decision.subject]

    def sounds_right(self, subject: str, call: Call) -> bool:
        """Whether a caller who is read the name and the country takes them for those in mind."""
        from hotline.rules.names import shown

        person = self.people[subject]
        words = bare_words(" ".join(shown(person.given, person.surnames)))
        return person.country == call.asked.country and words <= call.knows
