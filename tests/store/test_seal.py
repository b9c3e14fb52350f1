from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.store.seal import KeyRing, SealBroken

OLD, NEW, INDEX = (bytes([n]) * 32 for n in (1, 2, 3))
RING = KeyRing({"k1": OLD}, INDEX)
PLACE, ROW = "subscriber.number", "row1"


@settings(max_examples=100, deadline=None)
@given(text=st.text(st.characters(codec="utf-8"), max_size=200))
def test_what_is_sealed_opens_in_its_place_only(text: str) -> None:
    sealed = RING.seal(PLACE, ROW, text)
    assert RING.open(PLACE, ROW, sealed) == text
    for place, row in (("subscriber.name", ROW), (PLACE, "row2"), ("call.caller", "row1"), ("", "")):
        with pytest.raises(SealBroken):
            RING.open(place, row, sealed)


@settings(max_examples=100, deadline=None)
@given(at=st.integers(0, 200), flip=st.integers(1, 255))
def test_one_bit_altered_anywhere_is_noticed(at: int, flip: int) -> None:
    sealed = bytearray(RING.seal(PLACE, ROW, "+12025550123"))
    sealed[at % len(sealed)] ^= flip
    with pytest.raises(SealBroken):
        RING.open(PLACE, ROW, bytes(sealed))


@pytest.mark.parametrize(
    "sealed", [b"", b"k1", b"k1:", b"k1:short", b":", bytes(range(60, 100)), "k\u00e9:".encode() + b"x" * 40]
)
def test_what_was_never_sealed_does_not_open(sealed: bytes) -> None:
    with pytest.raises(SealBroken):
        RING.open(PLACE, ROW, sealed)


def test_the_place_and_the_row_can_not_be_shifted_into_each_other() -> None:
    sealed = RING.seal("a.b", "c", "text")
    for place, row in (("a", ".bc"), ("a.bc", ""), ("a.b\0c", "")):
        with pytest.raises(SealBroken):
            RING.open(place, row, sealed)


def test_after_a_rotation_the_old_key_opens_and_the_new_one_seals() -> None:
    sealed = RING.seal(PLACE, ROW, "before")
    rotated = KeyRing({"k2": NEW, "k1": OLD}, INDEX)
    assert rotated.open(PLACE, ROW, sealed) == "before"
    again = rotated.seal(PLACE, ROW, "after")
    assert again.startswith(b"k2:")
    assert rotated.open(PLACE, ROW, again) == "after"
    with pytest.raises(SealBroken, match="k2"):
        RING.open(PLACE, ROW, again)


def test_a_key_under_another_id_does_not_open() -> None:
    sealed = RING.seal(PLACE, ROW, "text")
    renamed = KeyRing({"k9": OLD}, INDEX)
    with pytest.raises(SealBroken, match="HOTLINE_ENCRYPTION_KEYS"):
        renamed.open(PLACE, ROW, sealed)
    with pytest.raises(SealBroken):
        renamed.open(PLACE, ROW, b"k9" + sealed[2:])


def test_the_same_text_is_sealed_differently_each_time() -> None:
    assert len({RING.seal(PLACE, ROW, "text") for _ in range(50)}) == 50


def test_a_broken_seal_tells_neither_the_text_nor_the_row() -> None:
    sealed = RING.seal(PLACE, ROW, "+12025550123")
    with pytest.raises(SealBroken) as broken:
        RING.open(PLACE, "row2", sealed)
    assert "row" not in str(broken.value)
    assert "+1" not in str(broken.value)


def test_a_number_is_found_again_by_a_hash_of_its_own_purpose_and_key() -> None:
    number = "+12025550123"
    found = RING.index("number", number)
    assert found == KeyRing({"k2": NEW}, INDEX).index("number", number)
    assert len(found) == 64
    others = {RING.index("confirmation", number), RING.index("number", number + "0"), RING.index("numbe", "r" + number)}
    others.add(KeyRing({"k1": OLD}, OLD).index("number", number))
    assert found not in others
    assert len(others) == 4


def test_showing_a_ring_shows_no_key() -> None:
    assert repr(OLD) not in repr(RING)
    assert repr(INDEX) not in repr(RING)
