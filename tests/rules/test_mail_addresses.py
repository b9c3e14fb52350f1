from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.rules.mail_addresses import mail_address


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (" ana@example.org ", "ana@example.org"),
        ("Ana.Maria+news@Mail.Example.ORG", "Ana.Maria+news@mail.example.org"),
        ("o'neil@example.org", "o'neil@example.org"),
        *((bad, None) for bad in ("", "ana", "@example.org", "ana@", "ana@localhost", "a b@example.org")),
        *((bad, None) for bad in ("ana@exa_mple.org", "ana@-a.org", ".ana@example.org", "a..b@example.org")),
        *((bad, None) for bad in ("ana@example.org\nBcc: all@example.org", "ana@example.org,b@example.org")),
        ("<ana@example.org>", None),
        ("aná@example.org", None),
        ("a" * 65 + "@example.org", None),
        ("ana@" + "a." * 130 + "org", None),
    ],
)
def test_an_address_is_kept_as_it_is_sent_to(given: str, kept: str | None) -> None:
    assert mail_address(given) == kept


@given(st.text(max_size=300))
def test_nothing_that_is_kept_could_write_a_header_or_name_two(text: str) -> None:
    kept = mail_address(text)
    if kept is not None:
        assert kept.isascii()
        assert kept.isprintable()
        assert kept.count("@") == 1
        assert not set(kept) & set(' ,;<>()"\\')
        assert mail_address(kept) == kept
