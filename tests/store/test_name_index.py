"""From words to people: who stands in the index of names, and what it counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.rules import evidence
from hotline.rules.birth_dates import BirthDate, from_feed
from hotline.rules.disclosure import may_be_shown
from hotline.rules.feed import OtherName, Row
from hotline.rules.feed_versions import latest
from hotline.rules.name_entries import MOST_WORDS
from hotline.rules.records import other_names
from hotline.services.line import Line, open_line
from hotline.settings import read_settings
from hotline.store import custody, name_index, people
from hotline.store.database import Database
from hotline.store.models import NameCountry, NamePair, NameWord, Subject
from hotline.store.vocabularies import Vocabularies, vocabularies_of
from tests.conftest import ENVIRON, NOW
from tests.rules.rows import NEWER
from tests.rules.rows import a_row as any_row
from tests.store.test_custody import take

pytestmark = pytest.mark.server  # many rows, calls or processes

TODAY = NOW.date()

Index = tuple[Counter[tuple[Any, ...]], Counter[tuple[Any, ...]], set[tuple[Any, ...]]]
"""Words of given names and of surnames with their carriers by country, countries, and who carries which words."""


def a_row(subject_id: str = "S1", **changes: object) -> Row:
    """A row about a person who is in one stint of their own."""
    return any_row(subject_id, f"{subject_id}-1", stay_id=f"{subject_id}-A", **changes)


def index(db: Session) -> Index:
    """The index as it stands; words and countries that nobody carries are left out."""
    tokens = {word.id: word.token for word in db.scalars(select(NameWord))}
    countries = {word.id: word.country for word in db.scalars(select(NameWord))}
    own = {subject.id: subject.subject_id for subject in db.scalars(select(Subject))}
    words: Counter[tuple[Any, ...]] = Counter()
    for word in db.scalars(select(NameWord)):
        words[word.country, "given", word.token] = word.given_count
        words[word.country, "surname", word.token] = word.surname_count
    totals: Counter[tuple[Any, ...]] = Counter()
    for there in db.scalars(select(NameCountry)):
        totals[there.country, "people"] = there.people
        totals[there.country, "given"] = there.given_words
        totals[there.country, "surname"] = there.surname_words
    carried = set()
    for pair in db.scalars(select(NamePair)):
        parts = [part for part in (pair.pair >> 31, pair.pair & (1 << 31) - 1) if part]
        assert len({countries[part] for part in parts}) == 1
        carried.add((own[pair.subject_ref], countries[parts[0]], pair.born, *sorted(tokens[part] for part in parts)))
    assert min([*words.values(), *totals.values()], default=0) >= 0
    return +words, +totals, carried


def counted(db: Session, today: date | None) -> Index:
    """The index made anew from the records: of all who may be shown today, or of those who are marked as findable."""
    words: Counter[tuple[Any, ...]] = Counter()
    totals: Counter[tuple[Any, ...]] = Counter()
    carried = set()
    for subject in db.scalars(select(Subject).execution_options(populate_existing=True)):
        shown = today and may_be_shown(subject.disclosable, subject.protected, subject.adult_on, today)
        if not (subject.findable if today is None else shown):
            continue
        names = [(subject.given_names, subject.surnames)]
        names += [(one or names[0][0], two or names[0][1]) for one, two in other_names(subject.other_names)]
        given, surnames = evidence.index_words(names, subject.birth_country)
        totals[subject.birth_country, "people"] += 1
        totals[subject.birth_country, "given"] += len(given)
        totals[subject.birth_country, "surname"] += len(surnames)
        words.update((subject.birth_country, "given", word) for word in given)
        words.update((subject.birth_country, "surname", word) for word in surnames)
        key = (subject.subject_id, subject.birth_country, int((subject.birth_date or "0")[:4]))
        carried |= {(*key, word) for word in given | surnames}
        for name in names:
            of_one = frozenset[str]().union(*evidence.index_words([name], subject.birth_country))
            carried |= {(*key, *sorted(pair)) for pair in combinations(of_one, 2)}
            carried |= {(*key, word, word) for word in of_one if len(of_one) == 1}
    return +words, +totals, carried


def rows(line: Line) -> list[object]:
    """Every row of the index."""
    with line.database.read() as db:
        return [row for table in (NameCountry, NameWord, NamePair) for row in db.scalars(select(table))]


def findable(line: Line) -> list[str]:
    with line.database.read() as db:
        return list(db.scalars(select(Subject.subject_id).where(Subject.findable).order_by(Subject.subject_id)))


HIDDEN: list[tuple[str, dict[str, object]]] = [
    ("protected", {"protected": True}),
    ("protected or not, nobody knows", {"protected": None}),
    ("not to be disclosed", {"disclosable": False}),
    ("to be disclosed or not, nobody knows", {"disclosable": None}),
    ("no date of birth", {"birth_date": None}),
    ("a child", {"birth_date": BirthDate(2008, 3, 3)}),
    ("a child by the year", {"birth_date": BirthDate(2008)}),
]


@pytest.mark.parametrize("changes", [pytest.param(changes, id=name) for name, changes in HIDDEN])
def test_whoever_may_not_be_shown_leaves_no_row_at_all(line: Line, changes: dict[str, object]) -> None:
    take(line, a_row(**changes))  # type: ignore[arg-type]
    assert rows(line) == []
    assert findable(line) == []
    with line.database.read() as db:
        assert not name_index.anybody_to_add(db, TODAY)


@pytest.mark.parametrize("changes", [pytest.param(changes, id=name) for name, changes in HIDDEN])
def test_whoever_may_be_shown_no_longer_is_gone_with_the_import_that_says_so(
    line: Line, changes: dict[str, object]
) -> None:
    take(line, a_row(), a_row("S2", given_names="Ana"))
    with line.database.begin() as db:
        custody.take_rows(db, latest([a_row(**changes, updated_at=NEWER)]), None, TODAY)  # type: ignore[arg-type]
        assert {subject for subject, *_ in index(db)[2]} == {"S2"}
        assert index(db) == counted(db, TODAY)
        db.rollback()
    assert findable(line) == ["S1", "S2"]
    take(line, a_row(**changes, updated_at=NEWER))  # type: ignore[arg-type]
    assert findable(line) == ["S2"]
    take(line, a_row(updated_at=NEWER + timedelta(hours=1)))
    assert findable(line) == ["S1", "S2"]
    with line.database.read() as db:
        assert index(db) == counted(db, TODAY)


@pytest.mark.parametrize(
    "changes",
    [
        {"given_names": "Jean Wilner"},
        {"surnames": "De la Cruz Xol"},
        {"birth_country": "DO"},
        {"birth_date": BirthDate(1991, 9, 20)},
        {"other_names": (OtherName("Ti Jean", ""), OtherName("", "Baptiste"))},
        {"given_names": "Toussaint", "surnames": "Wilner"},
        {"given_names": "Fnu", "surnames": "Lnu"},
    ],
)
def test_a_record_that_changes_is_found_by_what_it_says_now(line: Line, changes: dict[str, object]) -> None:
    take(line, a_row(), a_row("S2"))
    take(line, a_row(**changes, updated_at=NEWER))  # type: ignore[arg-type]
    with line.database.read() as db:
        assert index(db) == counted(db, TODAY)
        assert len(people.candidates(db, [1, 2], TODAY)) == 2


def test_a_name_of_very_many_words_takes_bounded_room_and_leaves_it_again(line: Line) -> None:
    many = " ".join(f"{start}{end}" for start in ("Ana", "Luz", "Rut", "Eva") for end in "bcdfg")
    take(line, a_row(given_names=many, surnames=f"{many} Xol"))
    with line.database.read() as db:
        most = MOST_WORDS
        assert 0 < len(index(db)[2]) <= most * (most + 1) // 2
        assert sum(index(db)[0].values()) <= 2 * most
    take(line, a_row(updated_at=NEWER))
    with line.database.read() as db:
        assert index(db) == counted(db, TODAY)


def test_names_told_twice_change_nothing(line: Line) -> None:
    take(line, a_row(), a_row("S2", surnames="Xol"))
    with line.database.read() as db:
        before = index(db)
    take(line, a_row(), a_row("S2", surnames="Xol", updated_at=NEWER))
    with line.database.read() as db:
        assert index(db) == before == counted(db, TODAY)


def test_whoever_comes_of_age_is_found_from_that_day_on(line: Line) -> None:
    born = BirthDate(TODAY.year - 18, TODAY.month, TODAY.day + 1)
    take(line, a_row(birth_date=born), a_row("S2", birth_date=born, protected=True), a_row("S3"))
    for today, added, there in (
        (TODAY, 0, ["S3"]),
        (TODAY + timedelta(days=1), 1, ["S1", "S3"]),
        (TODAY + timedelta(days=2), 0, ["S1", "S3"]),
    ):
        with line.database.begin() as db:
            assert name_index.anybody_to_add(db, today) == bool(added)
            assert name_index.add_the_grown(db, today, 10) == added
            assert not name_index.anybody_to_add(db, today)
            assert index(db) == counted(db, today)
        assert findable(line) == there


def test_the_grown_are_added_so_many_at_a_time(sqlite_line: Line) -> None:
    child = BirthDate(TODAY.year - 17, 1, 2)
    take(sqlite_line, *(a_row(f"S{n}", birth_date=child) for n in range(5)))
    grown = date(TODAY.year + 1, 1, 2)
    with sqlite_line.database.begin() as db:
        assert [name_index.add_the_grown(db, grown, 2) for _ in range(4)] == [2, 2, 1, 0]
        assert index(db) == counted(db, grown)


def test_two_words_have_one_number_in_any_order_and_no_other_two_have_it() -> None:
    refs = (1, 2, 3, 10_000, (1 << 31) - 1)
    numbers = [name_index.pair_of(one, other) for one, other in combinations(refs, 2)]
    assert [name_index.pair_of(other, one) for one, other in combinations(refs, 2)] == numbers
    assert len({*numbers, *refs}) == len(numbers) + len(refs)
    assert max(numbers) < 1 << 63


# ---- any series of imports, renames, protections and birthdays

GIVEN = st.sampled_from(["Juan", "Juan Carlos", "María", "Fnu", "Jean-Pierre", "Juan Juan", ""])
SURNAMES = st.sampled_from(["Pérez", "Pérez Xol", "De la Cruz", "Juan", "Lnu", "Perez", ""])
OTHERS = st.lists(st.builds(OtherName, GIVEN, SURNAMES), max_size=2).map(tuple)
BIRTHS = st.sampled_from(["", "1985-03-05", "1990", "2008-03-03", "2008-03-10", "2009", "2024-02-29"]).map(from_feed)


class Imports(RuleBasedStateMachine):
    """One long transaction, undone at the end: imports, and days that pass."""

    database: Database

    @initialize()
    def begin(self) -> None:
        self.stack = ExitStack()
        self.db = self.stack.enter_context(self.database.begin())
        self.today = TODAY
        self.now = NOW

    @rule(
        batch=st.lists(
            st.fixed_dictionaries(
                {
                    "subject_id": st.sampled_from(["S1", "S2", "S3"]),
                    "given_names": GIVEN,
                    "surnames": SURNAMES,
                    "other_names": OTHERS,
                    "birth_date": BIRTHS,
                    "birth_country": st.sampled_from(["GT", "VN"]),
                    "disclosable": st.sampled_from([True, True, True, False, None]),
                    "protected": st.sampled_from([False, False, False, True, None]),
                }
            ),
            min_size=1,
            max_size=4,
        ),
        newer=st.integers(-1, 2),
    )
    def a_file_comes(self, batch: list[dict[str, Any]], newer: int) -> None:
        self.now += timedelta(hours=newer)
        custody.take_rows(self.db, latest(a_row(**row, updated_at=self.now) for row in batch), None, self.today)

    @rule(days=st.sampled_from([1, 7, 400]))
    def days_pass(self, days: int) -> None:
        self.today += timedelta(days=days)

    @rule()
    def the_grown_are_looked_for(self) -> None:
        name_index.add_the_grown(self.db, self.today, 10)
        assert not name_index.anybody_to_add(self.db, self.today)
        assert index(self.db) == counted(self.db, self.today)

    @invariant()
    def the_index_holds_those_who_are_marked_and_nobody_hidden(self) -> None:
        if not hasattr(self, "db"):
            return
        assert index(self.db) == counted(self.db, None)
        shown = set(self.db.scalars(select(Subject.subject_id).where(people.showable(self.today))))
        marked = set(self.db.scalars(select(Subject.subject_id).where(Subject.findable)))
        assert marked <= shown

    def teardown(self) -> None:
        self.db.rollback()
        self.stack.close()


def test_whatever_is_imported_the_index_is_what_a_count_of_the_records_gives(sqlite_line: Line) -> None:
    machine = type("Imported", (Imports,), {"database": sqlite_line.database})
    run_state_machine_as_test(machine, settings=settings(max_examples=25, stateful_step_count=12, deadline=None))


# ---- the words that a process keeps


@pytest.fixture
def other_process(line: Line) -> Iterator[Database]:
    """The same database, opened once more."""
    opened = Database(line.database.engine.url.render_as_string(hide_password=False), line.database.ring)
    yield opened
    opened.close()


def kept(database: Database, *countries: str) -> list[set[str]]:
    with database.read() as db:
        return [set(vocabulary.ids) for vocabulary in vocabularies_of(db).of(db, countries)]


def test_a_process_sees_the_words_that_another_one_brings(line: Line, other_process: Database) -> None:
    assert kept(other_process, "HT") == [set()]
    for n, surname in enumerate(("Toussaint", "Xol", "Ajpop")):
        take(line, a_row(f"S{n}", surnames=surname))
        assert kept(other_process, "HT") == kept(line.database, "HT")
        assert surname.lower() in kept(other_process, "HT")[0]
    assert kept(other_process, "GT", "HT") == [set(), {"wilner", "toussaint", "xol", "ajpop"}]


def test_words_that_were_taken_back_are_not_kept(line: Line, other_process: Database) -> None:
    with line.database.begin() as db:
        custody.take_rows(db, latest([a_row(surnames="Xol")]), None, TODAY)
        db.rollback()
    take(line, a_row())
    for database in (line.database, other_process):
        assert kept(database, "HT") == [{"wilner", "toussaint"}]


def test_words_forgotten_for_want_of_room_are_there_when_they_are_asked_for_again(sqlite_line: Line) -> None:
    countries = ("DO", "GT", "HT")
    for country in countries:
        take(sqlite_line, a_row(country, birth_country=country))
    small, endless = Vocabularies(most_words=3), Vocabularies()
    with sqlite_line.database.read() as db:
        for _ in range(2):
            for country in countries:
                assert [set(one.ids) for one in small.of(db, [country])] == [{"wilner", "toussaint"}]
        assert len(small.of(db, countries)) == 3
        (first,), (again,) = small.of(db, ["DO"]), small.of(db, ["DO"])
        assert first is again
        (before,) = endless.of(db, ["DO"])
        endless.of(db, countries)
        assert endless.of(db, ["DO"]) == [before]


def test_every_process_opened_on_an_empty_database_starts_without_words(migrated_file: Path) -> None:
    opened = open_line(read_settings({**ENVIRON, "HOTLINE_DATA_DIR": str(migrated_file.parent)}))
    assert kept(opened.database, "HT", "GT") == [set(), set()]
    opened.database.close()
