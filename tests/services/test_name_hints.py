from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest

from hotline.carrier.signature import Form
from hotline.carrier.twiml import MOST_HINTS
from hotline.carrier.webhooks import CallHook, read_call
from hotline.rules.birth_dates import BirthDate
from hotline.rules.feed import Row
from hotline.rules.feed_versions import latest
from hotline.services.answer_call import answer
from hotline.services.line import Line
from hotline.services.name_hints import KEPT
from hotline.store import custody
from hotline.store.models import Call
from tests.conftest import NOW

Named = tuple[str, str]
CALLER = "+12025550123"


def take(line: Line, named: Iterable[Named], country: str = "HT", protected: bool = False, first: int = 0) -> None:
    """People in the records, by given names and surnames, numbered from `first`."""
    rows = [
        Row(
            subject_id=f"{country}{first + n}",
            given_names=given,
            surnames=surnames,
            other_names=(),
            sex=None,
            birth_date=BirthDate(1990, 9, 20),
            birth_country=country,
            disclosable=True,
            protected=protected,
            stay_id="A",
            stint_id="A1",
            facility_code=None,
            facility_name=None,
            facility_state=None,
            book_in_at=datetime(2026, 2, 1, tzinfo=UTC),
            book_out_at=None,
            release_reason=None,
            updated_at=datetime(2026, 2, 2 + protected, tzinfo=UTC),
        )
        for n, (given, surnames) in enumerate(named)
    ]
    with line.database.begin() as db:
        custody.take_rows(db, latest(rows), None, NOW.date())


def hints(line: Line, node: str, most: int = MOST_HINTS, now: datetime = NOW) -> tuple[str, ...]:
    with line.database.read() as db:
        return line.name_hints.at(db, node, most, now)


def hook(**form: str) -> CallHook:
    told = {"CallSid": "CA" + "a" * 32, "From": CALLER, "To": "+18005550199", "CallStatus": "in-progress", **form}
    return read_call(Form(tuple(told.items())))


def test_a_name_that_twenty_people_carry_is_expected_and_one_that_nineteen_carry_is_not(line: Line) -> None:
    take(line, [("Wilner", "Toussaint")] * 19 + [("Odalys", "Toussaint")] * 20)
    assert hints(line, "first_name") == ("Odalys",)
    assert hints(line, "last_name") == ("Toussaint",)


def test_a_name_is_counted_over_all_countries_and_the_commonest_comes_first(line: Line) -> None:
    take(line, [("Wilner", "Toussaint")] * 10, "HT")
    take(line, [("Wilner", "Kone")] * 11 + [("Odalys", "Kone")] * 20, "CI")
    assert hints(line, "first_name") == ("Wilner", "Odalys")
    assert hints(line, "last_name") == ("Kone",)
    assert hints(line, "first_name", most=1) == ("Wilner",)


def test_people_who_may_not_be_shown_do_not_count(line: Line) -> None:
    take(line, [("Wilner", "Toussaint")] * 19)
    take(line, [("Wilner", "Toussaint")] * 5, protected=True, first=100)
    assert hints(line, "first_name") == ()


def test_a_name_is_no_longer_expected_when_its_twentieth_person_is_hidden(line: Line) -> None:
    take(line, [("Wilner", "Toussaint")] * 20)
    assert hints(line, "first_name") == ("Wilner",)
    take(line, [("Wilner", "Toussaint")], protected=True)
    assert hints(line, "first_name", now=NOW + KEPT - timedelta(seconds=1)) == ("Wilner",)
    assert hints(line, "first_name", now=NOW + KEPT) == ()


def test_small_words_of_a_name_are_not_expected_by_themselves(line: Line) -> None:
    take(line, [("María", "de la Cruz")] * 20)
    assert hints(line, "first_name")[:1] == ("Maria",)
    assert "Cruz" in hints(line, "last_name")
    assert {"De", "La"}.isdisjoint(hints(line, "first_name") + hints(line, "last_name"))


@pytest.mark.parametrize("node", ["country", "birth_date", "confirm_name", "welcome"])
def test_no_other_question_expects_a_name(line: Line, node: str) -> None:
    take(line, [("Wilner", "Toussaint")] * 20)
    assert hints(line, node) == ()


def test_the_platform_is_given_the_names_with_each_question_for_one(sqlite_line: Line) -> None:
    take(sqlite_line, [("Wilner", "Toussaint")] * 20)
    answer(sqlite_line, hook())
    heard = {}
    for keys in ("1", "1", "1", "945637#", "868774248#"):
        with sqlite_line.database.read() as db:
            [call] = db.query(Call)
        told = answer(sqlite_line, hook(Digits=keys.removesuffix("#")), str(call.waiting_token))
        gather = ElementTree.fromstring(told.body).find("Gather")
        assert gather is not None
        heard[told.state] = gather.get("hints")
    assert heard["inbound.first_name"] == "Wilner"
    assert heard["inbound.last_name"] == "Toussaint"
    assert "Wilner" not in str(heard["inbound.country"])
    assert "Toussaint" not in str(heard["inbound.country"])
