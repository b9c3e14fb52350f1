from __future__ import annotations

import hashlib
import io
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from hotline.rules import birth_dates, countries, custody, custody_wordings, feed
from hotline.rules.custody import EventKind, Stint, Whereabouts
from hotline.rules.disclosure import may_be_shown
from hotline.rules.names import fold
from hotline.services import sample_custody
from hotline.services.sample import flaws, names, spelling, traditions
from hotline.services.sample.flaws import Person

pytestmark = pytest.mark.server  # many rows, calls or processes

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
    assert set(custody_wordings.RAW_WORDINGS) - wordings <= {"Escaped", "Died"}
    assert [wording for wording in wordings if not custody_wordings.known(wording)] == ["Closed - See File"]


@pytest.fixture(scope="module")
def recorded() -> list[feed.Row]:
    """20,000 people, each once."""
    rows = sample_custody.people(20_000, SEED, UNTIL)
    return [feed.read_row(row) for row in rows if row["stint_id"].endswith("-1-1")]


def test_a_feed_is_the_same_to_the_byte_on_every_machine() -> None:
    out = io.StringIO(newline="")
    sample_custody.write_csv(sample_custody.people(3000, SEED, UNTIL), out)
    digest = hashlib.sha256(out.getvalue().encode()).hexdigest()
    assert digest == "ee08953dba78bc5c67717d5183072d1b5a8a1a4a53610d0394dedbf5265ec31a"


def test_people_are_born_where_those_in_custody_are(recorded: list[feed.Row]) -> None:
    born = Counter(row.birth_country for row in recorded)
    listed, sums = names.countries()
    assert len(born) >= 80
    before = 0
    for country, upto in zip(listed, sums, strict=True):
        share = (upto - before) / sums[-1]
        before = upto
        assert abs(born[country.code] / len(recorded) - share) < 0.003 + share / 10
    assert 0.5 < sum(born[code] for code in ("MX", "GT", "HN", "SV")) / len(recorded) < 0.6


def test_names_are_as_common_as_in_mexico(recorded: list[feed.Row]) -> None:
    mexicans = [row for row in recorded if row.birth_country == "MX"]
    surnames = Counter(word for row in mexicans for word in fold(row.surnames).split())
    assert {"garcia", "hernandez", "martinez"} == {name for name, _ in surnames.most_common(3)}
    _, most = surnames.most_common(1)[0]
    assert 0.03 < most / surnames.total() < 0.05
    men = Counter(fold(row.given_names).split()[0] for row in mexicans if row.sex == "M" and fold(row.given_names))
    (name, most) = men.most_common(1)[0]
    assert name == "jose"
    assert 0.04 < most / men.total() < 0.065
    two = sum(len(spelling.name_parts(row.surnames)) > 1 for row in mexicans) / len(mexicans)
    assert 0.6 < two < 0.8


def test_new_names_go_on_turning_up_but_ever_fewer(recorded: list[feed.Row]) -> None:
    def words(rows: list[feed.Row]) -> int:
        return len({word for row in rows for word in fold(f"{row.given_names} {row.surnames}").split()})

    few, many = words(recorded[:5000]), words(recorded)
    assert 3000 < few < many < 9000
    assert 1.3 < many / few < 2.5
    mexicans = [row for row in recorded if row.birth_country == "MX"]
    assert 1500 < words(mexicans) < 3500


def test_namesakes_and_families_are_there(recorded: list[feed.Row]) -> None:
    whole = Counter((fold(row.given_names), fold(row.surnames), row.birth_country) for row in recorded)
    assert 0.005 < sum(count for count in whole.values() if count > 1) / len(recorded) < 0.04
    double = [(fold(row.surnames), row.birth_country) for row in recorded if len(fold(row.surnames).split()) > 1]
    assert len(double) * 0.8 < len(set(double)) < len(double) * 0.99


def test_every_kind_of_record_is_there(recorded: list[feed.Row]) -> None:
    kinds: dict[str, Callable[[feed.Row], bool]] = {
        "capitals": lambda row: row.given_names.isupper(),
        "no date of birth": lambda row: row.birth_date is None,
        "a year or a month of birth": lambda row: row.birth_date is not None and row.birth_date.day is None,
        "protected": lambda row: row.protected is True,
        "protection unknown": lambda row: row.protected is None,
        "not disclosable": lambda row: row.disclosable is False,
        "other names": lambda row: bool(row.other_names),
        "two other names": lambda row: len(row.other_names) > 1,
        "a hyphen": lambda row: "-" in row.surnames,
        "accents": lambda row: not row.surnames.isascii(),
        "Cyrillic": lambda row: "А" <= row.given_names[-1] <= "я",
        "Chinese": lambda row: row.surnames[0] >= "一",
        "no given name": lambda row: row.given_names.upper() in flaws.NO_GIVEN,
        "no surname": lambda row: row.surnames.upper() in flaws.NO_SURNAME,
        "a particle joined": lambda row: "delacruz" in fold(row.surnames).split(),
        "a particle": lambda row: "de la cruz" in fold(row.surnames),
        "Singh": lambda row: "singh" in fold(f"{row.given_names} {row.surnames}").split(),
        "Kaur": lambda row: "kaur" in fold(row.surnames).split(),
        "a child": lambda row: row.birth_date is not None and row.birth_date.year > 2009,
    }
    for kind, holds in kinds.items():
        assert 0 < sum(map(holds, recorded)) < len(recorded), kind
    assert 0.8 < sum(map(shown, recorded)) / len(recorded) < 0.95
    assert 0.75 < sum(row.given_names.isupper() for row in recorded) / len(recorded) < 0.95


MARIO = Person("Mario Núñez", "De la Cruz Gonzalez", "M", "MX", "1990-03-07")
JOSE = replace(MARIO, given="José Luis", surnames="Núñez Gonzalez")
LONG = replace(JOSE, surnames="Montenegro Villavicencio")
PEOPLE = (JOSE, MARIO, LONG, replace(JOSE, given="Ivan", surnames="Ivanov", country="RU"), replace(JOSE, sex="F"))


@pytest.mark.parametrize("flaw", sorted(flaws.FLAWS))
def test_every_flaw_changes_a_record_and_leaves_it_readable(flaw: str) -> None:
    changed = 0
    for number in range(200):
        chance = random.Random(number)
        for person in PEOPLE:
            spoiled = flaws.FLAWS[flaw](person, chance) or person
            changed += spoiled != person
            (row,) = sample_custody.people(1, SEED, UNTIL)
            told = {"given_names": spoiled.given, "surnames": spoiled.surnames, "other_names": spoiled.other_names}
            feed.read_row({**row, **told, "birth_date": spoiled.birth})
    assert changed


def test_every_flaw_has_its_rate() -> None:
    rows = list(names.table("flaws"))
    assert [name for name, _ in rows] == list(flaws.FLAWS)
    assert all(0 < int(rate) < 10_000 for _, rate in rows)


def spoiled_by(flaw: str, person: Person) -> tuple[str, str]:
    found = flaws.FLAWS[flaw](person, random.Random(1))
    assert found is not None
    return found.given, found.surnames


def test_flaws_do_to_a_name_what_clerks_do() -> None:
    assert spoiled_by("second_surname_missing", MARIO) == ("Mario Núñez", "De la Cruz")
    assert spoiled_by("surnames_swapped", MARIO) == ("Mario Núñez", "Gonzalez De la Cruz")
    assert spoiled_by("particle_joined", MARIO) == ("Mario Núñez", "Delacruz Gonzalez")
    assert spoiled_by("hyphen", JOSE) == ("José Luis", "Núñez-Gonzalez")
    assert spoiled_by("surnames_joined", JOSE) == ("José Luis", "Núñezgonzalez")
    assert spoiled_by("accents_off", JOSE) == ("Jose Luis", "Nunez Gonzalez")
    assert spoiled_by("second_given_as_initial", JOSE) == ("José L", "Núñez Gonzalez")
    assert spoiled_by("other_script", PEOPLE[3]) == ("Иван", "Иванов")
    assert flaws.FLAWS["other_script"](JOSE, random.Random(1)) is None


def test_every_row_of_the_table_of_names_is_well_formed() -> None:
    seen: set[tuple[str, str, str]] = set()
    for pool, kind, weight, listed in names.table("names"):
        assert kind in {"male", "female", "surname"}
        assert 0 < int(weight) <= 60_000
        for name in listed.split(" "):
            assert (pool, kind, name) not in seen
            seen.add((pool, kind, name))
            assert name == "*" or (fold(name) and len(name) < 40 and not set(name) & set("|;,"))
    for pool, kinds in names.pools().items():
        for kind, of_kind in kinds.items():
            total = of_kind.sums[-1] + of_kind.rare
            assert abs(total - 100_000) < 5_000, (pool, kind, total)
            assert len(of_kind.listed) >= 18, (pool, kind)
    spanish = names.pools()["spanish"]
    assert len(spanish["surname"].listed) >= 800
    assert min(len(spanish["male"].listed), len(spanish["female"].listed)) >= 500


def test_every_country_of_the_table_is_one_that_the_feed_reads_and_has_its_names() -> None:
    listed, sums = names.countries()
    assert len({country.code for country in listed}) == len(listed) >= 47
    assert sums[-1] == 100_000
    chance = random.Random(1)
    for country in listed:
        for name in country.recorded_as:
            assert countries.from_feed(name) == country.code
        pool = names.pool_of(country.code)
        assert pool.sums[-1] == 100
        for community in pool.communities:
            assert community.tradition in traditions.TRADITIONS
            assert 0 <= community.two_given <= 100
            assert 0 <= community.two_surnames <= 100
            assert community.given.sums[-1] == community.surnames.sums[-1] == 100
        for kind in ("male", "female", "surname"):
            assert fold(pool.draw(kind, chance))
    assert {country for country, *_ in names.table("communities")} == {country.code for country in listed}


def test_every_row_of_spellings_and_scripts_is_one_name() -> None:
    for kind, listed in names.table("variants"):
        words = listed.split(" ")
        assert kind in {"spelling", "nickname"}
        assert len(set(words)) == len(words) > 1
        assert all(word.isascii() and word.isalpha() and word.istitle() for word in words)
    for script, name, native in names.table("scripts"):
        assert script in {"cyrillic", "arabic", "han"}
        assert name.isascii()
        assert native.isalpha()
        assert not native.isascii()


@pytest.mark.parametrize("tradition", sorted(traditions.TRADITIONS))
def test_every_tradition_names_women_and_men(tradition: str) -> None:
    chance = random.Random(2)
    (community, *_) = (
        community
        for country in names.countries()[0]
        for community in names.pool_of(country.code).communities
        if community.tradition == tradition
    )
    kinds: tuple[names.Kind, ...] = ("male", "female")
    for kind in kinds:
        found = {traditions.named(community, kind, chance) for _ in range(100)}
        assert len(found) > 30
        assert all(fold(given + surnames) for given, surnames in found)


def test_a_daughter_of_ivanov_is_ivanova_and_carries_her_fathers_name() -> None:
    assert traditions.feminine("Ivanov") == "Ivanova"
    assert traditions.feminine("Dostoevskiy") == "Dostoevskaya"
    assert traditions.feminine("Kowalski") == "Kowalska"
    assert traditions.feminine("Shevchenko") == "Shevchenko"
    assert traditions.patronymic("Ivan", "female") == "Ivanovna"
    assert traditions.patronymic("Sergey", "male") == "Sergeevich"
    assert traditions.patronymic("Nikita", "male") == "Nikitich"


def test_strangers_can_be_drawn_from_the_names_of_a_country() -> None:
    def drawn() -> list[str]:
        chance = random.Random(3)
        return [names.pool_of("GT").draw("surname", chance) for _ in range(500)]

    assert drawn() == drawn()
    assert {"López", "Caal"} <= set(drawn())
    with pytest.raises(KeyError):
        names.pool_of("XX")


def test_a_stint_that_is_closed_tells_its_ending() -> None:
    (row,) = sample_custody.people(1, SEED, UNTIL)
    ended = feed.read_row(sample_custody.closed(row, "Removed", UNTIL + timedelta(hours=1)))
    assert ended.book_out_at == ended.updated_at == UNTIL + timedelta(hours=1)
    (_, removed) = custody.history(
        [Stint(ended.stay_id, ended.stint_id, ended.book_in_at, ended.book_out_at, ended.release_reason)]
    )
    assert removed.kind is EventKind.REMOVED


def test_100_000_people_take_less_than_fifteen_seconds() -> None:
    took = []
    for _ in range(3):
        began = time.process_time()
        assert sum(1 for _ in sample_custody.people(2000, SEED, UNTIL)) > 2000
        took.append(time.process_time() - began)
    assert min(took) * 50 < 15
