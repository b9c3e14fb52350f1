"""People who may not be shown surface nowhere: every way by which they could is tried, for every reason that hides.

Their names are like nobody's, so that a trace of one in any output is a leak and nothing else.
"""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import structlog
from click.testing import CliRunner
from sqlalchemy import event, select, text

from hotline.cli import hotline
from hotline.logs import configure
from hotline.rules import disclosure
from hotline.rules.birth_dates import BirthDate
from hotline.rules.disclosure import earliest_date
from hotline.rules.matching import Kind, Query
from hotline.rules.readings import Said
from hotline.services import doctor, figures, news, quarantine
from hotline.services.decide_held import list_held
from hotline.services.guard_exclusion import check_exclusion
from hotline.services.match_names import match_lines
from hotline.services.sample_custody import closed
from hotline.services.search import search
from hotline.simulator.persona import Manner, Persona
from hotline.simulator.telephone import LiveCall
from hotline.store import people
from hotline.store.models import Base, CallStep, CustodyEvent, Delivery, NameWord, StaffTask, Subject
from tests.calls.people import ASKS_FOR_JUAN, ASKS_FOR_NOBODY
from tests.calls.stage import NOON, NUMBER, Stage

pytestmark = pytest.mark.server  # many calls, files or processes

SHOWN = {"disclosable": "true", "protected": "false", "birth_date": "1990-07-19"}
HIDES: dict[str, dict[str, str]] = {
    "Wexalor Bruntipov": {"disclosable": ""},
    "Vandoquil Krestimar": {"disclosable": "false"},
    "Zulphora Dremontic": {"protected": ""},
    "Quistabel Fornagut": {"protected": "true"},
    "Yorbinda Plaxotel": {"birth_date": ""},
    "Jixomar Trelvanous": {"birth_date": "2009-02-11"},
    "Ophranel Guzzimord": {"birth_date": "2008"},  # proves 18 on the last day of the year alone
    "Bexalind Hurvetogo": {"birth_date": "2008-03"},  # and on the last day of the month
}
"""One person for each reason, and the reason."""
NAMES = list(HIDES)
SEEN = "Tarquindo Mellovash"
"""Just such a person, whom nothing hides."""


COMMANDS = (
    "doctor", "doctor --json", "notify due --json", "notify audit --json", "audit verify", "tasks list --json",
    "custody frozen list --json", "custody held list --json", "custody quarantine list --json",
    "custody facilities list --json",
)  # fmt: skip
"""Whatever reads and tells; the held list and the quarantine, which tell the agency's numbers, hold nothing here."""


def row(name: str, **changes: str) -> dict[str, str]:
    given, surname = name.split()
    number = f"X-{surname.upper()}"
    return {
        "subject_id": number,
        "given_names": given,
        "surnames": surname,
        "other_names": f"{given}ito|{surname}ez",
        "birth_country": "GT",
        "stay_id": number,
        "stint_id": number,
        "book_in_at": "2026-03-01T10:00:00Z",
        "updated_at": "2026-03-01T11:00:00Z",
        **SHOWN,
        **HIDES.get(name, {}),
        **changes,
    }


def traces(name: str) -> tuple[str, ...]:
    """What would tell of somebody: a piece of the name or the agency's number, in small letters."""
    given, surname = name.casefold().split()
    return given[:6], surname[:6], f"x-{surname}"


def leaks(output: str) -> list[str]:
    found = output.casefold()
    return [trace for name in NAMES for trace in traces(name) if trace in found]


def asks_for(name: str, **more: Any) -> Persona:
    given, surname = name.split()
    who = Persona(given_name=given, surnames=surname, country="Guatemala", birth=date(1990, 7, 19), if_none="9")
    return replace(who, **more)


def forget(stage: Stage) -> None:
    """As if they had never been in the records."""
    with stage.line.database.begin() as db:
        for name in NAMES:
            db.execute(text("DELETE FROM subject WHERE given_names = :given"), {"given": name.split()[0]})


@pytest.fixture
def held(stage: Stage) -> Stage:
    """A line whose records hold them all, and the one who may be shown."""
    stage.imports([row(name) for name in (*NAMES, SEEN)])
    return stage


def until(who: Persona, call: LiveCall, *states: str) -> LiveCall:
    """Let this caller answer until the line waits in one of these nodes."""
    while call.state not in states and not call.ended:
        who.act(call)
    return call


def phones() -> Iterator[str]:
    """A number for each call, as each may search a few times alone."""
    yield from (f"+1202555{number:04d}" for number in range(100, 200))


# ---- calls


@pytest.mark.parametrize("manner", [Manner.KEYPAD, Manner.SPEECH])
@pytest.mark.parametrize("birth", [date(1990, 7, 19), 1990, None, "as recorded"], ids=str)
def test_a_caller_hears_of_each_what_is_heard_of_nobody(held: Stage, manner: Manner, birth: Any) -> None:
    numbers = phones()
    states = ("inbound.no_match", "inbound.confirm_match", "inbound.key_surname", "inbound.hand_over")
    heard = {}
    for name in (*NAMES, "Nimbatora Sculverand"):
        known = row(name)["birth_date"]
        when = birth if birth != "as recorded" else date.fromisoformat(known) if len(known) == 10 else None
        call = until(asks_for(name, manner=manner, birth=when), held.dial(next(numbers)), *states)
        if call.state == "inbound.key_surname":
            call = until(asks_for(name), call, *states[:2], states[3])
        heard[name] = (call.state, call.heard_last)
        call.hang_up()
    assert set(heard.values()) == {heard["Nimbatora Sculverand"]}
    assert heard[NAMES[0]][0] == "inbound.no_match"


def test_the_same_call_finds_somebody_whom_nothing_hides(held: Stage) -> None:
    until(asks_for(SEEN), held.dial(), "inbound.confirm_match").says("We found Tarquindo Mellovash")


def test_nothing_of_them_is_in_any_twiml_hint_text_or_answer(held: Stage) -> None:
    numbers = phones()
    for name in NAMES:
        call = until(asks_for(name), held.dial(next(numbers)), "inbound.no_match")
        call.hang_up()
    held.phone().text(NUMBER, f"What of {NAMES[0]}?")
    answers = [step.unseal("answer", held.line.database.ring) or "" for step in held.rows(CallStep)]
    assert any("hints=" in answer for answer in answers)
    said = "".join([*answers, *(str(request.form) for request in held.platform.requests)])
    assert leaks(said) == []
    assert leaks("".join(held.phone().texts)) == []


def test_a_watch_for_one_of_them_never_finds_them(held: Stage) -> None:
    for name, number in zip(NAMES, phones(), strict=False):
        held.signed_up(asks_for(name, if_none="2"), number)
    held.imports([row(name, updated_at="2026-03-02T00:00:00Z") for name in NAMES])
    assert held.rows(StaffTask, kind="watch_match") == []


# ---- staff's own ways


def test_match_names_none_of_them_not_even_as_evidence(held: Stage) -> None:
    asked = [
        {"id": f"{number}-{shape}", "country": "GT", **query}
        for number, name in enumerate(NAMES)
        for shape, query in enumerate(
            (
                {"text": name},
                {"text": name, "birth_date": "1990-07-19"},
                {"given": name.split()[0], "surnames": name.split()[1]},
                {"text": f"{name.split()[0]}ito {name.split()[1]}ez"},
            )
        )
    ]

    def answers() -> list[dict[str, Any]]:
        found = list(match_lines(held.line, [json.dumps(one).encode() for one in asked], explain=True))
        return [{name: value for name, value in one.items() if name != "ms"} for one in found]

    with_them = answers()
    assert "confirm" not in {one["decision"] for one in with_them}
    assert leaks(json.dumps([one["candidates"] for one in with_them])) == []
    forget(held)
    assert answers() == with_them


def test_no_page_of_monitors_and_no_command_names_them(held: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    check_exclusion(held.line)
    output = figures.metrics(held.line) + str(doctor.examine(held.settings))
    for name in ("HOTLINE_DATA_DIR", "HOTLINE_PUBLIC_URL", "HOTLINE_NUMBER", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    environ = {
        "HOTLINE_DATA_DIR": str(held.settings.data_dir),
        "HOTLINE_PUBLIC_URL": held.settings.public_url,
        "HOTLINE_NUMBER": held.settings.number,
        "TWILIO_ACCOUNT_SID": held.settings.account_sid,
        "TWILIO_AUTH_TOKEN": held.settings.auth_tokens[0],
    }
    for command in COMMANDS:
        told = CliRunner().invoke(hotline, command.split(), env=environ)
        assert command.startswith("doctor") or told.exit_code == 0, told.output
        output += told.output
    assert leaks(output) == []


def test_what_waits_for_staff_is_told_by_number_and_first_letters_alone(held: Stage) -> None:
    """Whoever settles a doubt, or a row that could not be read, must ask the agency: by its own number."""
    held.imports([closed(row(name), "Withdrawal", NOON) for name in NAMES])
    held.imports([row(name, updated_at="never") for name in NAMES])
    waits = str(list_held(held.line)) + str(quarantine.listed(held.line))
    for name in NAMES:
        given, surname, number = traces(name)
        assert given not in waits.casefold()
        assert surname not in waits.casefold().replace(number, "")


def test_no_staff_task_tells_of_them(held: Stage) -> None:
    with held.line.database.read() as db:
        notes = [task.unseal("note") or "" for task in db.scalars(select(StaffTask))]
    assert leaks("".join(notes)) == []


def test_no_log_line_tells_of_them(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stream = io.StringIO()
    with logging_to(stream), caplog.at_level(logging.DEBUG):
        stage.imports([row(name) for name in NAMES] + [row(name, updated_at="never") for name in NAMES])
        for name, number in zip(NAMES, phones(), strict=False):
            until(asks_for(name, manner=Manner.SPEECH), stage.dial(number), "inbound.no_match").hang_up()
        stage.look()
    assert leaks(stream.getvalue() + caplog.text) == []


@contextmanager
def logging_to(stream: io.StringIO) -> Iterator[None]:
    before = structlog.get_config()
    configure(stream)
    structlog.configure(cache_logger_on_first_use=False)
    try:
        yield
    finally:
        structlog.configure(**before)


# ---- the store


def test_no_word_of_their_names_is_in_the_index_or_among_the_hints(stage: Stage) -> None:
    crowd = [
        row(
            f"Wexalor Bruntipov{'abcdefghijklmnopqrstuvwxyz'[n]}",
            subject_id=f"C{n}",
            stint_id=f"C{n}",
            protected="true",
        )
        for n in range(26)
    ]
    stage.imports([*crowd, *(row(name) for name in NAMES)])
    with stage.line.database.read() as db:
        words = " ".join(db.scalars(select(NameWord.token)))
        hints = " ".join(
            (
                *people.frequent_names(db, people.NamePart.GIVEN, 999, 1),
                *people.frequent_names(db, people.NamePart.SURNAME, 999, 1),
            )
        )
    assert leaks(words + hints) == []


@pytest.mark.parametrize("name", NAMES)
def test_each_way_of_reading_a_record_gives_nothing(held: Stage, name: str) -> None:
    today = earliest_date(NOON)
    with held.line.database.read() as db:
        ref = db.scalars(select(Subject.id).where(Subject.given_names == name.split()[0])).one()
        assert people.shown_person(db, ref, today) is None
        assert people.candidates(db, [ref], today) == []
        assert people.subject_ids(db, [ref], today) == {}
        assert people.stints_of(db, ref, today) == []
        assert news.standing(held.line, db, ref, "en", (), NOON) is None


def query(name: str, birth: BirthDate | None = None) -> Query:
    given, surname = name.split()
    return Query(Said(text=given), Said(text=surname), "GT", birth)


@contextmanager
def statements(stage: Stage) -> Iterator[list[tuple[str, str]]]:
    """Every statement that is executed, with its values."""
    seen: list[tuple[str, str]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        seen.append((statement, str(values)))

    engine = stage.line.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def searched(stage: Stage, name: str, birth: BirthDate | None) -> tuple[Kind, list[tuple[str, str]]]:
    with statements(stage) as seen, stage.line.database.read() as db:
        decision = search(db, query(name, birth), earliest_date(NOON))
    return decision.kind, seen


@pytest.mark.parametrize("birth", [None, BirthDate(1990, 7, 19), BirthDate(2009, 2, 11)], ids=str)
def test_a_search_does_the_very_same_work_whether_a_hidden_record_is_there_or_not(
    held: Stage, birth: BirthDate | None
) -> None:
    searched(held, SEEN, None)  # the words of the country are read once
    with_them = {name: searched(held, name, birth) for name in NAMES}
    forget(held)
    assert {name: searched(held, name, birth) for name in NAMES} == with_them
    assert {kind for kind, _ in with_them.values()} == {Kind.NONE}


def test_protected_later_is_searched_for_in_vain_as_nobody_is(held: Stage) -> None:
    held.imports([row(SEEN, protected="true", updated_at="2026-03-03T00:00:00Z")])
    kind, seen = searched(held, SEEN, None)
    assert kind is Kind.NONE
    [person] = held.rows(Subject, given_names=SEEN.split()[0])
    looked_at = " ".join(values for statement, values in seen if "subject.given_names" in statement)
    assert str(person.id) not in re.findall(r"\d+", looked_at)


@pytest.mark.parametrize(
    ("birth_date", "first_day"),
    [
        ("2008", date(2026, 12, 31)),
        ("2008-02", date(2026, 3, 1)),
        ("2008-04", date(2026, 4, 30)),
        ("2008-03-10", date(2026, 3, 10)),
    ],
)
def test_a_person_is_shown_from_the_day_that_proves_18_and_not_before(
    stage: Stage, birth_date: str, first_day: date
) -> None:
    noon = datetime(first_day.year, first_day.month, first_day.day, 23, tzinfo=UTC)
    stage.now = noon.replace(hour=1)  # the day before, in Pago Pago
    stage.imports([row(SEEN, birth_date=birth_date)])
    stage.look()
    assert found(stage) is Kind.NONE
    stage.now = noon
    stage.look()
    assert found(stage) is Kind.CONFIRM


def found(stage: Stage) -> Kind:
    with stage.line.database.read() as db:
        return search(db, query(SEEN), earliest_date(stage.now)).kind


# ---- notices


@pytest.mark.parametrize("name", NAMES)
def test_what_happens_to_them_plans_and_tells_nothing(held: Stage, name: str) -> None:
    held.signed_up(ASKS_FOR_JUAN)
    with held.line.database.begin() as db:  # an enrolment that should not be: the last door is tried alone
        ref = db.scalars(select(Subject.id).where(Subject.given_names == name.split()[0])).one()
        db.execute(text("UPDATE enrolment SET subject_ref = :ref"), {"ref": ref})
    held.imports([closed(row(name), "Removed", NOON)])
    held.look()
    assert held.rows(Delivery, urgency="critical") == []
    assert held.phone().ringing() == []
    assert held.rows(CustodyEvent, subject_ref=ref, kind="removed") != []


# ---- a search that is closed


def test_a_closed_search_leads_everybody_to_a_person_alike(held: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("hotline.store.custody.may_be_shown", lambda *_: True)
        patch.setattr("hotline.store.people.showable", lambda _: Subject.id != 0)
        assert check_exclusion(held.line) > 0
    heard = set()
    for who, number in zip((ASKS_FOR_JUAN, ASKS_FOR_NOBODY, asks_for(NAMES[3])), phones(), strict=False):
        call = until(who, held.dial(number), "inbound.to_a_person")
        heard.add(call.heard_last)
        call.never_said("found").hang_up()
    assert len(heard) == 1
    assert "hotline_search_closed 1" in figures.metrics(held.line)
    assert any("reopen" in finding.says for finding in doctor.examine(held.settings))


def test_the_rule_is_stated_alike_in_the_rules_and_in_the_store(held: Stage) -> None:
    today = earliest_date(NOON)
    with held.line.database.read() as db:
        shown = set(db.scalars(select(Subject.id).where(people.showable(today))))
        for person in db.scalars(select(Subject)):
            allowed = disclosure.may_be_shown(person.disclosable, person.protected, person.adult_on, today)
            assert (person.id in shown) is allowed is person.findable


def test_no_table_but_the_records_and_the_quarantine_holds_their_names(held: Stage) -> None:
    texts = []
    with held.line.database.read() as db:
        for name, table in Base.metadata.tables.items():
            if name not in ("subject", "stint", "quarantine", "custody_event"):
                texts += [str(one) for one in db.execute(select(table))]
    assert leaks(" ".join(texts)) == []
