"""How well a recorded name explains what a caller said: bits for this person against anybody of the country.

The score of Fellegi and Sunter with the frequency of each word: every word said is either one of the recorded
words, in any order, or one more that the record lacks; the best such reading counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import inf

from hotline.rules import likeness
from hotline.rules.keypad import digits_of
from hotline.rules.name_kinds import Kind, Token, recorded
from hotline.rules.readings import JOINED, Reading, Role, Segment

EXTRA = 4.0
"""Bits of surprise at a word said that the record lacks: a second surname or name that was never recorded."""
OUT_OF_PLACE = 2.5
"""A surname given as first name, or a first name as surname."""
SECOND_ALONE = 1.0
"""The second surname or given name without the first."""
NOTHING_OF = 5.5
"""Nothing said is a recorded given name, or nothing is a surname."""
SECOND_TRY = 0.5
"""The weight of a name given once more in another channel: both tries come from one memory."""
MOST_STATES = 64
"""Ways to lay words on a record that are followed up at once."""
MOST_LONGER = 3
"""Letters by which words run together may differ from the record and still be compared."""
_LONGEST_RUN = 4


@dataclass(frozen=True, slots=True)
class _Run:
    """Neighbouring recorded words as one, and the bits of the words it takes."""

    text: str
    takes: int
    is_given: bool
    is_surname: bool


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded name made ready to be compared: its words, and every run of neighbours."""

    words: tuple[str, ...]
    given: int
    surnames: int
    first_given: int
    first_surname: int
    runs: tuple[_Run, ...]


def _sided(given: str, surnames: str, country: str) -> tuple[list[Token], list[bool]]:
    """The words of a recorded name without suffixes, and which of them are given names."""
    tokens = [token for token in recorded(given, surnames, country) if token.kind is not Kind.SUFFIX]
    # Where nobody has a surname, the names of father and grandfather stand for it.
    has_surname = any(token.kind in (Kind.PATERNAL, Kind.MATERNAL) for token in tokens)
    return tokens, [token.kind is Kind.GIVEN or (has_surname and token.kind is Kind.PATRONYMIC) for token in tokens]


@lru_cache(maxsize=20_000)
def prepared(given: str, surnames: str, country: str) -> Recorded:
    """A name as recorded; particles only join the word after them."""
    tokens, sides = _sided(given, surnames, country)
    bits, at = [], 0
    for token in tokens:
        bits.append(0 if token.kind is Kind.PARTICLE else 1 << at)
        at += token.kind is not Kind.PARTICLE
    given_bits = [bit for bit, is_given in zip(bits, sides, strict=True) if bit and is_given]
    surname_bits = [bit for bit, is_given in zip(bits, sides, strict=True) if bit and not is_given]
    runs = []
    for start in range(len(tokens)):
        for end in range(start + 1, min(len(tokens), start + _LONGEST_RUN) + 1):
            takes = sum(bits[start:end])
            if bits[end - 1]:
                text = "".join(token.text for token in tokens[start:end])
                runs.append(_Run(text, takes, any(sides[start:end]), not all(sides[start:end])))
    return Recorded(
        tuple(token.text for token, bit in zip(tokens, bits, strict=True) if bit),
        sum(given_bits),
        sum(surname_bits),
        given_bits[0] if given_bits else 0,
        surname_bits[0] if surname_bits else 0,
        tuple(runs),
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One line of an explanation: what was said, the recorded word that it was read as, and the bits of it."""

    said: str
    recorded: str
    bits: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """The bits for one recorded name, how they came about, and whether both of its sides were met."""

    bits: float
    steps: tuple[Step, ...]
    given_met: bool
    surname_met: bool
    whole: bool
    """Every recorded word was said."""
    other: float = -inf
    """The bits for somebody else whose name is like this one but for the words that contradict it, -inf without any."""


_State = tuple[int, int, int]
"""Recorded words taken, words said too much in the given names, and in the surnames."""


def weigh(reading_set: Sequence[Reading], name: Recorded, second_try: Sequence[Reading] = ()) -> Evidence:
    """The evidence of all that was said for one recorded name. `second_try` holds names given once more."""
    states: dict[_State, tuple[float, tuple[Step, ...]]] = {(0, 0, 0): (0.0, ())}
    for reading in reading_set:
        states = _placed(states, reading, name)
    best = Evidence(-inf, (), False, False, False)
    instead = _instead(reading_set)
    for (taken, extra_given, extra_surname), (surprise, steps) in states.items():
        doubts = _contradictions((extra_given, extra_surname), taken, name, instead)
        total = surprise + _unsaid(taken, name) + doubts
        if -total > best.bits:
            met_given, met_surname = bool(taken & name.given), bool(taken & name.surnames)
            whole = taken == name.given | name.surnames
            doubts += EXTRA * (doubts > 0) - sum(step.bits for step in steps if step.recorded and step.bits < 0)
            best = Evidence(-total, steps, met_given, met_surname, whole, doubts - total if doubts else -inf)
    more = sum(reading.anybody for reading in reading_set)
    again = [_again(reading, name) for reading in second_try]
    more += SECOND_TRY * sum(bits for bits, _ in again)
    doubts = SECOND_TRY * sum(doubt for _, doubt in again)
    other = max(best.other, best.bits if doubts else -inf) + doubts
    return replace(best, bits=best.bits + more, other=other + more)


def _again(reading: Reading, name: Recorded) -> tuple[float, float]:
    """The bits of a name given once more, by itself, and those that its contradictions cost."""
    states = _placed({(0, 0, 0): (0.0, ())}, reading, name)
    doubt = reading.bits.instead + EXTRA
    least, extra = min(
        (surprise + reading.bits.instead * (extra_given + extra_surname > 0), extra_given + extra_surname > 0)
        for (_, extra_given, extra_surname), (surprise, _) in states.items()
    )
    return reading.anybody - least, doubt if extra else 0.0


def _placed(
    states: dict[_State, tuple[float, tuple[Step, ...]]], reading: Reading, name: Recorded
) -> dict[_State, tuple[float, tuple[Step, ...]]]:
    """Every way to lay the words of a reading on those of the record, after what `states` has laid already."""
    rows: list[dict[_State, tuple[float, tuple[Step, ...]]]] = [states, *({} for _ in reading.words)]
    for segment in sorted(reading.segments, key=lambda one: one.start):
        meant = list(_meant(segment, reading, name))
        for state, (surprise, steps) in rows[segment.start].items():
            taken, extra_given, extra_surname = state
            for run, bits in meant:
                if not taken & run.takes:
                    step = Step(segment.text, run.text, segment.anybody - bits)
                    _keep(
                        rows[segment.end],
                        (taken | run.takes, extra_given, extra_surname),
                        surprise + bits,
                        (*steps, step),
                    )
            if segment.end - segment.start > 1:
                continue
            if reading.is_small(segment.start):
                _keep(rows[segment.end], state, surprise, steps)
                continue
            spare = surprise + segment.anybody + EXTRA
            step = Step(segment.text, "", -EXTRA)
            if segment.leans is not Role.SURNAMES:
                _keep(rows[segment.end], (taken, min(2, extra_given + 1), extra_surname), spare, (*steps, step))
            if segment.leans is not Role.GIVEN:
                _keep(rows[segment.end], (taken, extra_given, min(2, extra_surname + 1)), spare, (*steps, step))
            _prune(rows[segment.end])
    return rows[-1]


def _prune(row: dict[_State, tuple[float, tuple[Step, ...]]]) -> None:
    """Keep the likeliest states alone: names of very many words have more of them than are worth a look."""
    if len(row) > 2 * MOST_STATES:
        for state in sorted(row, key=lambda one: row[one][0])[MOST_STATES:]:
            del row[state]


def _keep(
    row: dict[_State, tuple[float, tuple[Step, ...]]], state: _State, surprise: float, steps: tuple[Step, ...]
) -> None:
    known = row.get(state)
    if known is None or surprise < known[0]:
        row[state] = (surprise, steps)


def _meant(segment: Segment, reading: Reading, name: Recorded) -> Iterator[tuple[_Run, float]]:
    """The recorded runs that a segment may stand for, with the surprise of each."""
    is_word = segment.end - segment.start == 1
    for run in name.runs:
        bits = segment.near.get(run.text, inf)
        if bits == inf and segment.end - segment.start != run.takes.bit_count():
            bits = _run_together(segment, run, reading)
        if bits < inf:
            joined = (not is_word) + (run.takes.bit_count() > 1)
            is_first = run.is_given or reading.role is Role.WHOLE
            in_place = run.is_surname if reading.role is Role.SURNAMES else is_first
            yield run, bits + JOINED * joined + (0.0 if in_place else OUT_OF_PLACE)


def _run_together(segment: Segment, run: _Run, reading: Reading) -> float:
    """The surprise of words cut otherwise than recorded; no comparison where what was said is a word of its own."""
    text = digits_of(run.text) if reading.is_keyed else run.text
    if segment.text == text:
        return reading.bits.same
    if run.text in likeness.known(segment.text)[1]:
        return reading.bits.nickname
    if segment.is_word or abs(len(text) - len(segment.text)) > MOST_LONGER:
        return inf
    return likeness.keyed(segment.text, text) if reading.is_keyed else likeness.spoken(segment.text, text, reading.bits)


def _unsaid(taken: int, name: Recorded) -> float:
    """The surprise of what is recorded and was not said."""
    surprise = 0.0
    for side, first in ((name.given, name.first_given), (name.surnames, name.first_surname)):
        if side and not taken & side:
            surprise += NOTHING_OF
        elif not taken & first:
            surprise += SECOND_ALONE
    return surprise


def _instead(reading_set: Sequence[Reading]) -> tuple[float, float]:
    """What one name in place of another costs, among the given names and among the surnames."""
    given = (one.bits.instead for one in reading_set if one.role is not Role.SURNAMES)
    surnames = (one.bits.instead for one in reading_set if one.role is not Role.GIVEN)
    return min(given, default=0.0), min(surnames, default=0.0)


def _contradictions(extra: tuple[int, int], taken: int, name: Recorded, instead: tuple[float, float]) -> float:
    """The surprise of words said and words recorded that are left over on the same side: they are two names."""
    sides = zip((name.given, name.surnames), extra, instead, strict=True)
    return sum(bits for side, said_too_much, bits in sides if said_too_much and side & ~taken)


def index_words(names: Iterable[tuple[str, str]], country: str) -> tuple[frozenset[str], frozenset[str]]:
    """The words by which a person is found: those of given names and those of surnames, of every recorded name.

    A word that follows particles stands there with and without them: `cruz`, `delacruz`.
    """
    given: set[str] = set()
    surnames: set[str] = set()
    for name in names:
        tokens, sides = _sided(*name, country)
        for at, token in enumerate(tokens):
            if token.kind is Kind.PARTICLE:
                continue
            found = given if sides[at] else surnames
            text = token.text
            found.add(text)
            for before in reversed(tokens[max(0, at + 1 - _LONGEST_RUN) : at]):
                if before.kind is not Kind.PARTICLE:
                    break
                text = before.text + text
                found.add(text)
    return frozenset(given), frozenset(surnames)
