"""The hours in which a subscriber's telephone may ring."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules.hours import CLOSES, OPENS, UNITED_STATES, allowed, next_allowed

# Every zone that the IANA database lists for the United States and its territories.
ALL_ZONES = [
    "America/Adak",
    "America/Anchorage",
    "America/Boise",
    "America/Chicago",
    "America/Denver",
    "America/Detroit",
    "America/Indiana/Indianapolis",
    "America/Indiana/Knox",
    "America/Indiana/Marengo",
    "America/Indiana/Petersburg",
    "America/Indiana/Tell_City",
    "America/Indiana/Vevay",
    "America/Indiana/Vincennes",
    "America/Indiana/Winamac",
    "America/Juneau",
    "America/Kentucky/Louisville",
    "America/Kentucky/Monticello",
    "America/Los_Angeles",
    "America/Menominee",
    "America/Metlakatla",
    "America/New_York",
    "America/Nome",
    "America/North_Dakota/Beulah",
    "America/North_Dakota/Center",
    "America/North_Dakota/New_Salem",
    "America/Phoenix",
    "America/Puerto_Rico",
    "America/Sitka",
    "America/St_Thomas",
    "America/Yakutat",
    "Pacific/Guam",
    "Pacific/Honolulu",
    "Pacific/Pago_Pago",
    "Pacific/Saipan",
]
NO_COMMON_HOUR = ["Europe/London", "America/Los_Angeles", "Asia/Tokyo"]
HALF_HOURS = [datetime(2027, 1, 1, tzinfo=UTC) + timedelta(minutes=30 * n) for n in range(48)]

START = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.integers(0, 3 * 365 * 24 * 60).map(lambda n: START + timedelta(minutes=n))
places = st.lists(st.sampled_from(ALL_ZONES), min_size=1, max_size=5, unique=True)


def local(zone: str, *when: int) -> datetime:
    return datetime(*when, tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize("zone", ALL_ZONES)
def test_the_phone_rings_from_eight_until_just_before_nine_on_the_callees_own_clock(zone: str) -> None:
    for day in ((2027, 1, 15), (2027, 7, 15)):
        assert not allowed(local(zone, *day, 7, 59, 59), [zone], any_hour=False)
        assert allowed(local(zone, *day, 8), [zone], any_hour=False)
        assert allowed(local(zone, *day, 20, 59, 59), [zone], any_hour=False)
        assert not allowed(local(zone, *day, 21), [zone], any_hour=False)
        assert not allowed(local(zone, *day, 0), [zone], any_hour=False)


@pytest.mark.parametrize("zone", ALL_ZONES)
@pytest.mark.parametrize("change", [(2027, 3, 14), (2027, 11, 7)])
def test_on_the_days_when_clocks_change_the_morning_still_begins_at_eight(
    zone: str, change: tuple[int, int, int]
) -> None:
    eight = local(zone, *change, 8)
    evening_before = local(zone, *change, 8) - timedelta(hours=9)
    assert next_allowed(evening_before, [zone], any_hour=False) == eight
    assert next_allowed(eight - timedelta(microseconds=1), [zone], any_hour=False) == eight


def test_phoenix_and_denver_part_in_summer_only() -> None:
    winter, summer = datetime(2027, 1, 15, 15, tzinfo=UTC), datetime(2027, 7, 15, 14, tzinfo=UTC)
    assert allowed(winter, ["America/Denver"], False)
    assert allowed(winter, ["America/Phoenix"], False)
    assert allowed(summer, ["America/Denver"], False)
    assert not allowed(summer, ["America/Phoenix"], False)


def test_guam_is_called_in_the_night_of_new_york() -> None:
    new_york_midnight = local("America/New_York", 2027, 1, 15, 0)
    assert allowed(new_york_midnight, ["Pacific/Guam"], False)
    assert not allowed(new_york_midnight, ["America/New_York"], False)


def test_a_number_of_two_places_rings_only_when_it_is_day_in_both() -> None:
    both = ["America/New_York", "America/Los_Angeles"]
    assert not allowed(local("America/New_York", 2027, 1, 15, 10, 59), both, False)
    assert allowed(local("America/New_York", 2027, 1, 15, 11), both, False)
    assert not allowed(local("America/New_York", 2027, 1, 15, 21), both, False)


def test_a_toll_free_number_has_three_hours_a_day_that_suit_the_whole_country() -> None:
    for month in (1, 7):
        good = [
            datetime(2027, month, 15, hour, tzinfo=UTC)
            for hour in range(24)
            if allowed(datetime(2027, month, 15, hour, tzinfo=UTC), UNITED_STATES, False)
        ]
        assert [moment.hour for moment in good] == [0, 22, 23]


@pytest.mark.parametrize(
    "zones",
    [[], ["Mars/Olympus"], ["America/New_York", "Mars/Olympus"], [""], ["../etc/passwd"], ["America"]],
)
def test_a_place_nobody_knows_gets_the_hours_of_the_whole_country(zones: list[str]) -> None:
    for moment in HALF_HOURS:
        assert allowed(moment, zones, False) == allowed(moment, UNITED_STATES, False)


@pytest.mark.parametrize("zone", ALL_ZONES)
def test_every_clock_of_the_country_is_among_the_zones_that_stand_for_it(zone: str) -> None:
    days = [datetime(2027, 1, 1, 12, tzinfo=UTC) + timedelta(days=n) for n in range(0, 365, 3)]
    kept = [[day.astimezone(ZoneInfo(known)).utcoffset() for day in days] for known in UNITED_STATES]
    assert [day.astimezone(ZoneInfo(zone)).utcoffset() for day in days] in kept


def test_someone_whose_zones_share_no_hour_is_called_when_it_is_day_in_most_of_them() -> None:
    good = [moment for moment in HALF_HOURS if allowed(moment, NO_COMMON_HOUR, False)]
    assert good
    for moment in HALF_HOURS:
        suited = sum(OPENS <= moment.astimezone(ZoneInfo(zone)).time() < CLOSES for zone in NO_COMMON_HOUR)
        assert suited <= 2
        assert (moment in good) == (suited == 2)


def test_a_subscriber_who_wants_to_be_told_at_any_hour_is() -> None:
    for moment in HALF_HOURS:
        assert allowed(moment, ["America/New_York"], any_hour=True)
        assert next_allowed(moment, ["America/New_York"], any_hour=True) == moment


def test_a_moment_without_a_zone_is_refused() -> None:
    naive = datetime(2027, 1, 1)  # noqa: DTZ001
    for rule in (allowed, next_allowed):
        with pytest.raises(ValueError, match="time zone"):
            rule(naive, ["America/New_York"], False)


@settings(max_examples=200, deadline=None)
@given(moments, places)
def test_the_next_hour_is_day_everywhere_soon_and_never_in_the_past(now: datetime, zones: list[str]) -> None:
    then = next_allowed(now, zones, any_hour=False)
    assert now <= then <= now + timedelta(hours=48)
    assert all(time(8) <= then.astimezone(ZoneInfo(zone)).time() < time(21) for zone in zones)
    assert allowed(then, zones, any_hour=False)
    assert next_allowed(then, zones, any_hour=False) == then


@settings(max_examples=60, deadline=None)
@given(moments, places, st.floats(0, 1))
def test_no_allowed_hour_is_passed_over(now: datetime, zones: list[str], part: float) -> None:
    then = next_allowed(now, zones, any_hour=False)
    between = now + (then - now) * part
    assert between >= then or not allowed(between, zones, any_hour=False)


@settings(max_examples=60, deadline=None)
@given(moments, st.lists(st.sampled_from([*NO_COMMON_HOUR, "Asia/Kolkata", "Pacific/Apia"]), min_size=1))
def test_no_place_on_earth_makes_a_notice_impossible(now: datetime, zones: list[str]) -> None:
    then = next_allowed(now, zones, any_hour=False)
    assert now <= then <= now + timedelta(hours=48)
    assert allowed(then, zones, any_hour=False)
