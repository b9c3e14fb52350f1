"""The name search over a real database: the same answer on both, and not a trace of whoever may not be shown."""

from __future__ import annotations

import io
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from hotline.bench.callers import queries
from hotline.bench.sampled import UNTIL, outsiders, rows, sample
from hotline.rules.birth_dates import BirthDate, from_feed
from hotline.rules.feed import OtherName
from hotline.rules.feed_versions import latest
from hotline.rules.matching import Decision, Kind, Query
from hotline.services.import_custody import import_file, index_names
from hotline.services.line import Line, open_line
from hotline.services.match_names import match_lines
from hotline.services.sample_custody import write_csv
from hotline.services.search import search
from hotline.settings import read_settings
from hotline.store import custody
from hotline.store.database import Database
from hotline.store.migrate import migrate
from tests.conftest import ENVIRON, NOW
from tests.rules.records import keyed, spelled, spoken, whole
from tests.rules.rows import NEWER
from tests.store.test_custody import take
from tests.store.test_name_index import a_row

pytestmark = pytest.mark.server  # many rows, calls or processes

TODAY = NOW.date()
SAMPLED = 300


def found(line: Line, query: Query) -> Decision:
    with line.database.read() as db:
        return search(db, query, TODAY)


# ---- both databases


def fed(line: Line) -> Line:
    """The same line with the bench's first people in its records."""
    text = io.StringIO(newline="")
    write_csv(rows(SAMPLED, 7), text)
    import_file(line, io.BytesIO(text.getvalue().encode()), "full")
    return line


@pytest.fixture
def both(sqlite_environ: Mapping[str, str], tmp_path: Path, postgresql_url: str) -> Iterator[tuple[Line, Line]]:
    """The bench's people in an SQLite file and in PostgreSQL."""
    lines = []
    for environ in (sqlite_environ, {**sqlite_environ, "DATABASE_URL": postgresql_url}):
        line = open_line(read_settings(environ), clock=lambda: UNTIL)
        migrate(line.database.engine)
        lines.append(fed(line))
    yield lines[0], lines[1]
    for line in lines:
        line.database.close()


@pytest.mark.server
def test_both_databases_give_every_caller_the_same_answer(both: tuple[Line, Line]) -> None:
    asked = [query.as_line().encode() for query in queries(sample(SAMPLED), 12, 41, outsiders()[:500])]
    assert len(asked) >= 200
    answers = [list(match_lines(line, asked, explain=True)) for line in both]
    decisions = set()
    for one, other in zip(*answers, strict=True):
        assert "error" not in one
        decisions.add(one["decision"])
        assert {**one, "ms": 0} == {**other, "ms": 0}
    assert decisions >= {"confirm", "key_surname", "none"}


# ---- people who may not be shown

OTHERS = [
    a_row(name, given_names=given, surnames=surnames, birth_country=country, birth_date=from_feed(birth))
    for name, given, surnames, country, birth in (
        ("O1", "Juan Carlos", "Pérez Morales", "GT", "1985-03-05"),
        ("O2", "María José", "De la Cruz Xol", "GT", "1990-07-21"),
        ("O3", "Zoila", "Ramos", "GT", "1979-01-09"),
        ("O4", "Soila Reina", "Ramos Tzoc", "GT", "1981-04-30"),
        ("O5", "Ngoc", "Do", "VN", "1980-09-09"),
    )
]
SECRET = a_row(
    "S1",
    given_names="Zoila Reina",
    surnames="Xitumul Ajpop",
    birth_country="GT",
    birth_date=BirthDate(1985, 3, 5),
)
HIDDEN: list[tuple[str, dict[str, object]]] = [
    ("protected", {"protected": True}),
    ("not disclosable", {"disclosable": False}),
    ("flags absent", {"protected": None, "disclosable": None}),
    ("no date", {"birth_date": None}),
    ("a child", {"birth_date": BirthDate(2011, 3, 5)}),
]
ASKED: list[Query] = [
    ask(first, last, country, birth)
    for ask in (spelled, spoken, keyed)
    for first, last in (
        ("Zoila Reina", "Xitumul Ajpop"),
        ("Zoila", "Xitumul"),
        ("Soila", "Situmul"),
        ("Reina", "Ajpop"),
        ("Xitumul", "Zoila"),
        ("Zoi", "Xit"),
        ("Zoilareina", "Xitumulajpop"),
        ("Zo ila", "Xi tumul"),
        ("Zoila", "Ramos"),
        ("Juan", "Perez"),
        ("Maria", "Cruz"),
    )
    for country, birth in (("GT", ""), ("GT", "1985-03-05"), ("VN", ""))
]
ASKED += [
    whole(name, "GT", birth) for name in ("Zoila Xitumul", "Xitumul", "Reina Ramos") for birth in ("", "1985-03-05")
]
ASKED += [
    replace(query, surnames=replace(query.surnames, keys="948886850257670"[:7]))
    for query in ASKED
    if query.surnames.text is not None
]


def answers(line: Line) -> list[str]:
    """Everything that a search comes to, to the last figure."""
    return [repr(found(line, query)) for query in ASKED]


@pytest.fixture
def copied(migrated_file: Path, tmp_path: Path) -> Iterator[Callable[[], Line]]:
    """Lines over empty databases of their own."""
    opened: list[Line] = []

    def make() -> Line:
        folder = tmp_path / f"copy{len(opened)}"
        folder.mkdir()
        shutil.copy(migrated_file, folder / "hotline.db")
        opened.append(open_line(read_settings({**ENVIRON, "HOTLINE_DATA_DIR": str(folder)}), clock=lambda: NOW))
        return opened[-1]

    yield make
    for line in opened:
        line.database.close()


def test_those_who_are_hidden_would_be_found_if_they_were_shown(copied: Callable[[], Line]) -> None:
    line, without = copied(), copied()
    take(line, *OTHERS, SECRET)
    take(without, *OTHERS)
    subjects = [decision.subject for query in ASKED if (decision := found(line, query)).kind is Kind.CONFIRM]
    assert subjects.count(len(OTHERS) + 1) >= 10
    assert answers(line) != answers(without)


@pytest.mark.parametrize("changes", [pytest.param(changes, id=name) for name, changes in HIDDEN])
def test_a_search_for_somebody_hidden_comes_to_just_what_a_search_for_nobody_does(
    copied: Callable[[], Line], changes: dict[str, object]
) -> None:
    line, without = copied(), copied()
    take(line, *OTHERS, SECRET._replace(**changes))  # type: ignore[arg-type]
    take(without, *OTHERS)
    assert answers(line) == answers(without)


@pytest.mark.parametrize("changes", [pytest.param(changes, id=name) for name, changes in HIDDEN])
def test_somebody_hidden_since_an_import_is_named_to_nobody(
    copied: Callable[[], Line], changes: dict[str, object]
) -> None:
    line = copied()
    take(line, *OTHERS, SECRET)
    take(line, SECRET._replace(updated_at=NEWER, **changes))  # type: ignore[arg-type]
    for query in ASKED:
        decision = found(line, query)
        assert decision.subject != len(OTHERS) + 1
        assert len(OTHERS) + 1 not in {one.subject for one in decision.ranked}


def test_a_child_is_found_from_the_eighteenth_birthday_on(line: Line) -> None:
    born = BirthDate(TODAY.year - 18, TODAY.month, TODAY.day + 1)
    query = spelled("Zoila Reina", "Xitumul Ajpop", "GT", str(born))
    take(line, *OTHERS, SECRET._replace(birth_date=born))
    for days, is_found in ((0, False), (1, True), (2, True)):
        later = NOW + timedelta(days=days, hours=12)
        index_names(replace(line, clock=lambda at=later: at))  # type: ignore[misc]
        with line.database.read() as db:
            decision = search(db, query, TODAY + timedelta(days=days))
        assert (decision.kind is Kind.CONFIRM) is is_found


# ---- whom a search finds


@pytest.mark.parametrize(
    ("query", "subject"),
    [
        (spelled("Juan Carlos", "Perez Morales", "GT"), 1),
        (spelled("Juan", "Perez", "GT", "1985-03-05"), 1),
        (spoken("Juhan", "Peres", "GT", "1985-03-05"), 1),
        (keyed("Juan Carlos", "Perez", "GT", "1985-03-05"), 1),
        (keyed("jua", "per", "GT", "1985-03-05"), 1),
        (whole("Morales Perez Juan Carlos", "GT", "1985"), 1),
        (spelled("Mariajose", "Delacruz", "GT", "1990-07-21"), 2),
        (spelled("Maria", "Xol", "GT", "1990-07-21"), 2),
        (spelled("Ngoc", "Do", "VN", "1980-09-09"), 5),
    ],
)
def test_a_caller_who_knows_the_name_finds_the_person(line: Line, query: Query, subject: int) -> None:
    take(line, *OTHERS)
    assert found(line, query).ranked[0].subject == subject
    assert found(line, query).subject in (subject, None)
    if query.birth is not None and query.birth.day is not None:
        assert found(line, query).kind is Kind.CONFIRM


@pytest.mark.parametrize("birth", ["1983", "1987-03-05", "2004-03-05"])
def test_a_year_that_is_not_the_recorded_one_finds_nobody(line: Line, birth: str) -> None:
    take(line, *OTHERS)
    decision = found(line, replace(spelled("Juan Carlos", "Perez Morales", "GT"), birth=from_feed(birth)))
    assert decision.kind is Kind.NONE
    assert decision.subject is None


def test_a_person_of_a_country_that_broke_up_is_found_from_its_parts(line: Line) -> None:
    take(line, SECRET._replace(birth_country="SUHH"))
    for country, is_found in (("RU", True), ("UA", True), ("SUHH", True), ("GT", False)):
        query = spelled("Zoila Reina", "Xitumul Ajpop", country, "1985-03-05")
        assert (found(line, query).kind is Kind.CONFIRM) is is_found


def test_nobody_is_found_in_empty_records(line: Line) -> None:
    for query in ASKED[:40]:
        assert found(line, query) == Decision(Kind.NONE)


# ---- several at a time


def test_a_process_finds_whom_another_one_imported_a_moment_ago(line: Line) -> None:
    other = Database(line.database.engine.url.render_as_string(hide_password=False), line.database.ring)
    query = spelled("Zoila Reina", "Xitumul Ajpop", "GT", "1985-03-05")
    assert found(line, query).kind is Kind.NONE
    take(replace(line, database=other), *OTHERS, SECRET)
    other.close()
    assert found(line, query).kind is Kind.CONFIRM


def test_searches_go_on_while_an_import_brings_new_names(line: Line) -> None:
    take(line, *OTHERS)
    letters = "bcdfghjklmnprst"
    batches = [
        [
            a_row(
                f"N{at}-{n}", given_names=f"{letter}ana{other}o", surnames=f"{other}olem{letter}ar", birth_country="GT"
            )
            for n, other in enumerate(letters)
        ]
        for at, letter in enumerate(letters)
    ]
    query, faults, rounds = spelled("Juan", "Perez", "GT", "1985-03-05"), [], threading.Event()
    asked: list[int] = []

    def ask() -> None:
        try:
            while not rounds.is_set():
                decision = found(line, query)
                asked.append(decision.subject or 0)
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for batch in batches:
            with line.database.begin() as db:
                custody.lock(db)
                custody.take_rows(db, latest(batch), None, TODAY)
    finally:
        rounds.set()
        for thread in threads:
            thread.join()
    assert faults == []
    assert asked
    assert set(asked) == {1}
    last = batches[-1][-1]
    assert found(line, spelled(last.given_names, last.surnames, "GT", "1990-09-20")).kind is Kind.CONFIRM


def test_words_that_everybody_has_are_searched_as_fast_as_any(sqlite_line: Line) -> None:
    take(sqlite_line, *(a_row(f"S{n}", given_names="Juan", surnames="Pérez", birth_country="GT") for n in range(400)))
    decision = found(sqlite_line, spelled("Juan", "Perez", "GT", "1990-09-20"))
    assert decision.subject is None
    assert decision.kind in (Kind.PERSON, Kind.KEY_SURNAME)
    assert sum(one.probability for one in decision.ranked) <= 1


JOINED = [
    ask(first, last, "GT", birth)
    for ask in (spelled, spoken, keyed)
    for first in ("Juan Carlos", "Juancarlos", "Maria Jose", "Zoila")
    for last in ("Perezajpop", "Cruzajpop", "Xolxitumul", "Ramosajpop", "Ajpop Perez")
    for birth in ("", "1985-03-05", "1990-07-21")
]


@pytest.mark.parametrize("changes", [pytest.param(changes, id=name) for name, changes in HIDDEN])
def test_somebody_hidden_since_an_import_is_as_if_never_there(
    copied: Callable[[], Line], changes: dict[str, object]
) -> None:
    line, without = copied(), copied()
    take(line, *OTHERS, SECRET)
    take(line, SECRET._replace(updated_at=NEWER, **changes))
    take(without, *OTHERS)
    for query in (*ASKED, *JOINED):
        assert repr(found(line, query)) == repr(found(without, query))


def test_a_person_of_many_other_names_is_found_by_the_first_of_them(line: Line) -> None:
    others = ("Luis Alberto|Ramos", "Mario Rene|Diaz", "Pedro Pablo|Funes", "Oscar Elias|Tzoc")
    names = tuple(OtherName(*name.split("|")) for name in others)
    take(line, *OTHERS, SECRET._replace(given_names="Juan Carlos", surnames="Xol Ajpop", other_names=names))
    for first, last in (("Juan", "Xol"), ("Carlos", "Ajpop"), ("Oscar", "Tzoc")):
        assert found(line, spelled(first, last, "GT", "1985-03-05")).subject == len(OTHERS) + 1
