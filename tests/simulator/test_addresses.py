"""Addresses that the platform would never reach."""

from __future__ import annotations

import pytest

from hotline.simulator.addresses import OVERRIDES, RETRY_ON, Overrides, fault_of

GOOD = [
    "https://hotline.example.org/voice/a_b-C9",
    "http://127.0.0.1:8080/voice?a=1&b=2",
    "https://hotline.example.org/voice#rc=2&rp=ct,rt,5xx",
    "https://hotline.example.org/voice%20menu",
]
BAD = {
    "": "is empty",
    "/voice/incoming": "is not absolute",
    "//hotline.example.org/voice": "is not absolute",
    "ftp://hotline.example.org/voice": "is not absolute",
    "https:///voice": "is not absolute",
    "https://hot_line.example.org/voice": "underscore",
    "https://user:word@hotline.example.org/voice": "user name",
    "http://[::]:8081/voice": "nobody listens",
    "http://0.0.0.0:8081/voice": "nobody listens",
    "https://h:abc/": "can't be read",
    "https://hotline.example.org/%SPACE%": "%-sequence",
    "https://hotline.example.org/100%": "%-sequence",
    "https://hotline.example.org/a b": "blanks",
    "https://hotline.example.org/a\x07": "blanks",
    "https://hotline.example.org/año": "beyond ASCII",
    "https://hotline.example.org/a?b=2&a=1": "alphabetical",
    "https://hotline.example.org/a#top": "no connection override",
    "https://hotline.example.org/a#rc=9": "outside 0 to 5",
    "https://hotline.example.org/a#rt=99": "outside 100 to 15000",
    "https://hotline.example.org/a#rp=6xx": "unknown failure",
}


@pytest.mark.parametrize("url", GOOD)
def test_a_plain_address_is_taken(url: str) -> None:
    assert fault_of(url) == ""


@pytest.mark.parametrize("url", BAD, ids=BAD.values())
def test_an_address_that_could_not_be_reached_is_refused_with_its_fault(url: str) -> None:
    assert BAD[url] in fault_of(url)


def test_without_overrides_only_a_failed_connection_is_tried_once_more() -> None:
    plain = Overrides.of("https://hotline.example.org/a")
    assert plain.retries == 1
    assert [plain.again(failure) for failure in ("ct", "rt", "4xx", "5xx")] == [True, False, False, False]


@pytest.mark.parametrize("failure", sorted(RETRY_ON - {"all"}))
def test_every_kind_of_failure_can_be_asked_to_be_tried_again(failure: str) -> None:
    assert Overrides.of(f"https://hotline.example.org/a#rc=3&rp={failure}").again(failure)
    assert Overrides.of("https://hotline.example.org/a#rc=3&rp=all").again(failure)
    other = "5xx" if failure == "4xx" else "4xx"
    assert not Overrides.of(f"https://hotline.example.org/a#rp={failure}").again(other)


@pytest.mark.parametrize(("key", "bounds"), OVERRIDES.items())
def test_every_override_is_taken_up_to_its_bounds_and_no_further(key: str, bounds: tuple[int, int]) -> None:
    low, high = bounds
    for value, good in ((low, True), (high, True), (low - 1, False), (high + 1, False)):
        assert (fault_of(f"https://hotline.example.org/a#{key}={value}") == "") is good
