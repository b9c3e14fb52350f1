from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hotline.rules.links import BY_TEXT, TERMS, TOKEN_BYTES, Purpose, expires, is_open

MADE = datetime(2026, 3, 2, 15, tzinfo=UTC)


def test_every_purpose_has_its_terms() -> None:
    assert set(TERMS) == set(Purpose)
    assert all(len(purpose) <= 12 for purpose in Purpose), "as many characters as the table keeps"
    assert TOKEN_BYTES * 8 >= 128
    assert Purpose.UNSUBSCRIBE not in BY_TEXT


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_link_opens_for_its_life_and_once_where_it_may_be_used_once(purpose: Purpose) -> None:
    ends = expires(purpose, MADE)
    if ends is None:
        assert is_open(purpose, None, None, MADE + timedelta(days=3650))
    else:
        assert is_open(purpose, ends, None, ends - timedelta(seconds=1))
        assert not is_open(purpose, ends, None, ends)
    assert is_open(purpose, ends, MADE, MADE + timedelta(seconds=1)) is not TERMS[purpose].once


def test_whoever_wants_no_more_mails_can_say_so_by_the_oldest_of_them() -> None:
    assert expires(Purpose.UNSUBSCRIBE, MADE) is None
    assert not TERMS[Purpose.UNSUBSCRIBE].once
