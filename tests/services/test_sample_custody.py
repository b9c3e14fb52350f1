from __future__ import annotations

import io
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from hotline.rules import birth_dates, custody, feed
from hotline.rules.custody import EventKind, Stint, Whereabouts
from hotline.rules.disclosure import may_be_shown
from hotline.services import sample_custody

UNTIL = datetime(2026, 3, 1, 12, tzinfo=UTC)
TODAY = date(2026, 3, 1)
SEED = 7


@pytest.fixture(scope="module")
def rows() -> list[feed.Row]:
    """5,000 people, written to a file and read back as the import reads it."""
    out = io.StringIO(newline="")
    sample_custody.write_csv(sample_custody.people(5000, SEED, UNTIL), out)
    read = []
    for _, record in feed.records(io.BytesIO(out.getvalue().encode())):
        assert not isinstance(record, feed.RowRefused)
        read.append(feed.read_row(record))
    return read


@pytest.fixture(scope="module")
def stints(rows: list[feed.Row]) -> dict[str, list[Stint]]:
    by_subject: dict[str, list[Stint]] = {}
    for row in rows:
        stint = Stint(row.stay_id, row.stint_id, row.book_in_at, row.book_out_at, row.release_reason)
        by_subject.setdefault(row.subject_id, []).append(stint)
    return by_subject


def shown(row: feed.Row) -> bool:
    adult_on = birth_dates.adult_on(row.birth_date) if row.birth_date else None
    return may_be_shown(row.disclosable, row.protected, adult_on, TODAY)


def test_the_same_seed_gives_the_same_people_and_another_seed_others() -> None:
    first = list(sample_custody.people(200, SEED, UNTIL))
    assert list(sample_custody.people(200, SEED, UNTIL)) == first
    fewer = list(sample_custody.people(50, SEED, UNTIL))
    assert first[: len(fewer)] == fewer
    assert list(sample_custody.people(200, SEED + 1, UNTIL)) != first


def test_as_many_people_come_as_were_asked_for(stints: dict[str, list[Stint]]) -> None:
    assert len(stints) == 5000
    assert list(sample_custody.people(0, SEED, UNTIL)) == []


def test_a_time_without_its_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        next(sample_custody.people(1, SEED, datetime(2026, 3, 1)))  # noqa: DTZ001


def test_nothing_lies_after_now_and_every_stint_ends_after_it_began(rows: list[feed.Row]) -> None:
    for row in rows:
        assert row.book_in_at < (row.book_out_at or UNTIL) <= UNTIL
        assert row.updated_at <= UNTIL
    assert len({row.stint_id for row in rows}) == len(rows)


DEMO = [
    ("S0000001", "Juan Carlos", "Pérez Morales", "GT", "1985-03-05", True),
    ("S0000002", "María", "López", "SV", "1979-06-14", True),
    ("S0000003", "María", "López", "SV", "1991-11-02", True),
    ("S0000004", "Wilner", "Toussaint", "HT", "1990-09-20", True),
    ("S0000005", "Thị Mai", "Nguyễn", "VN", "1988", True),
    ("S0000006", "Ana Lucía", "Ramírez Soto", "GT", "1990-07-19", False),
    ("S0000007", "Kevin", "Aguilar Cruz", "HN", "2014-02-11", False),
]


@pytest.mark.parametrize(("subject", "given", "surnames", "country", "born", "found"), DEMO)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_people_of_the_demonstration_are_there_held_and_found_as_promised(
    subject: str, given: str, surnames: str, country: str, born: str, found: bool, seed: int
) -> None:
    (record,) = [r for r in sample_custody.people(7, seed, UNTIL) if r["subject_id"] == subject]
    row = feed.read_row(record)
    assert (row.given_names, row.surnames, row.birth_country) == (given, surnames, country)
    assert row.birth_date == birth_dates.from_feed(born)
    assert row.book_out_at is None
    assert shown(row) is found


def test_nobody_else_answers_to_the_name_of_a_demonstration_person(rows: list[feed.Row]) -> None:
    def words(*names: str) -> set[str]:
        plain = str.maketrans("áéíóúñễị", "aeiounei")
        return {word for name in names for word in name.lower().translate(plain).replace("-", " ").split()}

    for subject, given, surnames, country, _, _ in DEMO:
        answering = {
            row.subject_id
            for row in rows
            if row.birth_country == country
            and words(row.given_names, row.surnames) & words(given)
            and words(row.given_names, row.surnames) & words(surnames)
        }
        assert answering == ({"S0000002", "S0000003"} if given == "María" else {subject})


def test_every_kind_of_story_that_a_feed_tells_is_told(stints: dict[str, list[Stint]]) -> None:
    kinds = Counter(event.kind for of_one in stints.values() for event in custody.history(of_one))
    kinds.update(event.kind for of_one in stints.values() for event in custody.overdue(of_one, UNTIL))
    assert set(kinds) == set(EventKind) - {EventKind.CORRECTION, EventKind.FEED_STALE}
    standings = Counter(custody.status(of_one).whereabouts for of_one in stints.values())
    assert set(standings) == set(Whereabouts)
    assert standings[Whereabouts.IN_CUSTODY] > 2000


def test_every_wording_of_the_agency_and_one_that_nobody_knows_occur(rows: list[feed.Row]) -> None:
    wordings = {row.release_reason for row in rows if row.book_out_at}
    assert set(custody.RAW_WORDINGS) - wordings <= {"Escaped", "Died"}
    assert [wording for wording in wordings if not custody.known(wording)] == ["Closed - See File"]


def test_the_people_are_as_mixed_as_those_of_a_real_feed(rows: list[feed.Row]) -> None:
    people = list({row.subject_id: row for row in rows}.values())
    assert len({row.birth_country for row in people}) > 40
    hispanic = {"MX", "GT", "HN", "SV", "VE", "CO", "EC", "NI", "CU", "PE", "DO"}
    assert 0.7 < sum(row.birth_country in hispanic for row in people) / len(people) < 0.95
    names = Counter((row.given_names.lower(), row.surnames.lower(), row.birth_country) for row in people)
    assert max(names.values()) > 1
    for present in (
        [row for row in people if row.given_names.isupper()],
        [row for row in people if row.birth_date is None],
        [row for row in people if row.birth_date and row.birth_date.month is None],
        [row for row in people if row.protected],
        [row for row in people if row.protected is None],
        [row for row in people if row.disclosable is False],
        [row for row in people if row.other_names],
        [row for row in people if "-" in row.surnames],
        [row for row in people if not row.surnames.isascii()],
        [row for row in people if row.birth_date and row.birth_date.year > 2009],
    ):
        assert 0 < len(present) < len(people)
    assert 0.8 < sum(map(shown, people)) / len(people) < 0.95


def test_a_stint_that_is_closed_tells_its_ending() -> None:
    (row,) = sample_custody.people(1, SEED, UNTIL)
    ended = feed.read_row(sample_custody.closed(row, "Removed", UNTIL + timedelta(hours=1)))
    assert ended.book_out_at == ended.updated_at == UNTIL + timedelta(hours=1)
    (_, removed) = custody.history(
        [Stint(ended.stay_id, ended.stint_id, ended.book_in_at, ended.book_out_at, ended.release_reason)]
    )
    assert removed.kind is EventKind.REMOVED


def test_100_000_people_take_less_than_ten_seconds() -> None:
    took = []
    for _ in range(3):
        began = time.process_time()
        assert sum(1 for _ in sample_custody.people(2000, SEED, UNTIL)) > 2000
        took.append(time.process_time() - began)
    assert min(took) * 50 < 10
