"""Who is meant: the likelihood of every candidate, and of nobody, given all that a caller said.

Callers confirm what is decided here, and learn nothing else, so only one person may ever be left. The date of
birth parts namesakes; a year off by more than one rules a candidate out, and nobody is told so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from math import inf, log2
from typing import Any

from hotline.rules import countries, evidence
from hotline.rules.birth_dates import Agreement, BirthDate, agreement
from hotline.rules.calibration import Channel, calibrated
from hotline.rules.evidence import Evidence
from hotline.rules.readings import Frequencies, Reading, Role, Said, keyed_words, readings, spoken_words
from hotline.rules.readings import weigh as weigh_reading
from hotline.rules.vocabulary import Vocabulary

HELD = 0.7
"""The share of callers whose person is in the records. To begin with; then as measured."""
SURE = 0.97
"""The probability from which a person is read back to a caller who does not know the date of birth."""
SURE_WITH_DATE = 0.9
"""The same where the date of birth agrees."""
RELATIVE = 4.0
"""Bits against a caller's meaning somebody whose name is like a recorded one but for one word: a brother, say."""
HALF_A_NAME = 0.4
"""What the probability of a candidate is worth of whom only given names, or only surnames, were met."""
LIKELY = 0.5
"""From here to SURE one more question is worth asking."""
FAINT = 0.01
"""Below this for everybody, the last name keyed letter by letter would not help."""
SHOWN = 5
"""Candidates that a decision names to staff."""

_DATE_BITS = {
    Agreement.UNKNOWN: 0.0,
    Agreement.EXACT: 12.5,
    Agreement.SWAPPED: 9.0,
    Agreement.YEAR: 4.3,
    Agreement.NEAR: -0.8,
    Agreement.CONTRADICTS: -inf,
}
"""Bits that a date of birth adds: chance of such agreement for the right person against anybody."""
_OTHER_DAY = 0.5
"""The year agrees and two whole dates do not."""

_LEAST_NAME = 2
_LEAST_SPOKEN = 4
_LEAST_KEYED = 5


@dataclass(frozen=True, slots=True)
class Query:
    """All that a caller has said of one person; `country` as in `countries`, `birth` None where not known.

    A whole name in one string is `given`; in `surnames` there is then nothing, or the last name keyed once more.
    """

    given: Said
    surnames: Said
    country: str
    birth: BirthDate | None
    whole: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether the whole name came in one string."""
        return self.whole or (self.surnames.text is None and self.surnames.keys is None)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person in the records, names as recorded; each of `others` is (given names, surnames)."""

    subject: int
    given: str
    surnames: str
    others: tuple[tuple[str, str], ...]
    country: str
    birth: BirthDate | None


class Kind(StrEnum):
    """What a look-up comes to."""

    CONFIRM = "confirm"
    """One person, to be confirmed by the caller."""
    KEY_SURNAME = "key_surname"
    """Doubt that the last name keyed letter by letter may settle."""
    NONE = "none"
    PERSON = "person"
    """Namesakes that nothing told tells apart, or one keyed name that is likely and not sure: a person takes over."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with the probability, 0 to 1, that it is the person meant, and why."""

    subject: int
    probability: float
    bits: float
    evidence: Evidence
    agreed: Agreement


@dataclass(frozen=True, slots=True)
class Decision:
    """The end of a look-up; `subject` is given with CONFIRM alone, `ranked` is for staff, best first."""

    kind: Kind
    subject: int | None = None
    ranked: tuple[Ranked, ...] = ()

    @property
    def evidence(self) -> list[dict[str, Any]]:
        """Why, for staff: of each ranked candidate the bits, and what every word that was said stood for."""
        return [
            {
                "bits": round(one.bits, 2),
                "birth_date": one.agreed.value,
                "tokens": [
                    {"said": step.said, "recorded": step.recorded, "bits": round(step.bits, 2)}
                    for step in one.evidence.steps
                ],
            }
            for one in self.ranked
        ]


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said, read against the words of the country: `second_try` is the last name given once more."""

    first_try: tuple[Reading, ...]
    second_try: tuple[Reading, ...]

    @property
    def all(self) -> tuple[Reading, ...]:
        return (*self.first_try, *self.second_try)


def read(query: Query, vocabularies: Sequence[Vocabulary]) -> Heard:
    """Every reading of what was said. Of a last name said and keyed the keys are the better evidence."""
    query = _told_once(query)
    given = list(readings(query.given, Role.WHOLE if query.is_whole else Role.GIVEN, query.country, vocabularies))
    surnames = list(readings(query.surnames, Role.SURNAMES, query.country, vocabularies))
    if query.is_whole:
        return Heard(tuple(given[-1:]), (*given[:-1], *surnames))
    return Heard((*given[-1:], *surnames[-1:]), (*given[:-1], *surnames[:-1]))


def _told_once(query: Query) -> Query:
    """Without the last name that was said with the first name already, or the first name said again with the last."""
    first, last = spoken_words(query.given, query.country), spoken_words(query.surnames, query.country)
    if last and len(first) > len(last) and first[-len(last) :] == last:
        return replace(query, given=replace(query.given, text=" ".join(first[: -len(last)])))
    if first and len(last) > len(first) and last[: len(first)] == first:
        return replace(query, surnames=replace(query.surnames, text=" ".join(last[len(first) :])))
    return query


def weigh(heard: Heard, common: Frequencies) -> None:
    """Sets in every reading how surprising it would be if anybody of the country were named."""
    for reading in heard.all:
        weigh_reading(reading, common)


def decide(query: Query, heard: Heard, candidates: Iterable[Candidate], people: int, today: date) -> Decision:
    """The one person that the caller means, or why there is none; the order of candidates is indifferent.

    `heard` has been weighed. `people` is how many people of the country can be found. `today` is the caller's
    day: a date of birth after it can't be anybody's and is taken as not told.
    """
    birth = query.birth if query.birth and query.birth.year <= today.year else None
    if _tells_too_little(query, birth is not None):
        return Decision(Kind.NONE)
    places = countries.equivalent(query.country)
    found = [_weighed(one, heard, birth) for one in candidates if one.country in places]
    ranked = _ranked([one for one in found if one.bits > -inf], max(people, 1), _channel(query))
    return replace(_decided(query, heard, ranked), ranked=tuple(ranked[:SHOWN]))


def _tells_too_little(query: Query, knows_date: bool) -> bool:
    """Too few letters to mean one person: a name missing, an initial, two keys."""
    lengths, is_keyed = [], False
    for said in (query.given,) if query.is_whole else (query.given, query.surnames):
        spoken, keys = spoken_words(said), keyed_words(said)
        is_keyed = is_keyed or not spoken
        lengths.append(max(len("".join(spoken)), len("".join(keys))))
    least = _LEAST_KEYED if is_keyed and not knows_date else _LEAST_SPOKEN
    return min(lengths) < _LEAST_NAME or sum(lengths) < least


def _weighed(candidate: Candidate, heard: Heard, birth: BirthDate | None) -> Ranked:
    names = [(candidate.given, candidate.surnames)]
    names += [(given or candidate.given, surnames or candidate.surnames) for given, surnames in candidate.others]
    best = max(
        (
            evidence.weigh(heard.first_try, evidence.prepared(*name, candidate.country), heard.second_try)
            for name in dict.fromkeys(names)
        ),
        key=lambda one: one.bits,
    )
    agreed = agreement(birth, candidate.birth)
    return Ranked(candidate.subject, 0.0, best.bits + _date_bits(agreed, birth, candidate.birth), best, agreed)


def _date_bits(agreed: Agreement, said: BirthDate | None, recorded: BirthDate | None) -> float:
    both = said is not None and recorded is not None and said.is_precise and recorded.is_precise
    return _OTHER_DAY if agreed is Agreement.YEAR and both else _DATE_BITS[agreed]


def _ranked(found: list[Ranked], people: int, channel: Channel) -> list[Ranked]:
    """Posterior probabilities, best first: everybody found, against each other and against nobody."""
    nobody = log2(people * (1 - HELD) / HELD)
    against = [nobody, *(one.evidence.other - RELATIVE for one in found)]
    top = max(*against, *(one.bits for one in found), nobody)
    whole = sum(2.0 ** (bits - top) for bits in against) + sum(2.0 ** (one.bits - top) for one in found)
    honest = [calibrated(2.0 ** (one.bits - top) / whole, channel) for one in found]
    room = max(1.0, sum(honest))  # one by one the curve may lift namesakes above certainty
    likely = [
        replace(one, probability=probability / room * _weight(one))
        for one, probability in zip(found, honest, strict=True)
    ]
    return sorted(likely, key=lambda one: (-one.bits, one.subject))


def _weight(one: Ranked) -> float:
    """Half a name makes nobody likely, however rare it is: many callers who fish know half a name."""
    return 1.0 if _names_one(one) else HALF_A_NAME


def _channel(query: Query) -> Channel:
    if query.given.text is None:
        return Channel.KEYED
    if query.surnames.keys:
        return Channel.BOTH
    return Channel.SPELLED if query.given.confidence is None else Channel.HEARD


def _decided(query: Query, heard: Heard, ranked: Sequence[Ranked]) -> Decision:
    if not ranked or (_is_one_name(heard) and not _is_whole(ranked[0])):
        return Decision(Kind.NONE)
    best = ranked[0]
    may_ask = query.surnames.keys is None and query.given.keys is None
    dated = best.agreed in (Agreement.EXACT, Agreement.SWAPPED, Agreement.YEAR)
    if _names_one(best) and best.probability >= (SURE_WITH_DATE if dated else SURE):
        return Decision(Kind.CONFIRM, best.subject)
    if not _names_one(best) and not (best.evidence.given_met and _misheard(heard)):
        return Decision(Kind.NONE)  # half a name, and no last name that may have been misheard
    if may_ask and best.probability >= FAINT:
        return Decision(Kind.KEY_SURNAME)
    alike = sum(one.probability for one in ranked if one.bits > best.bits - 3)
    return Decision(Kind.PERSON if _names_one(best) and alike >= LIKELY else Kind.NONE)


def _misheard(heard: Heard) -> bool:
    """Whether a word was said that is no recorded name there."""
    return any(
        not segment.is_word
        for reading in heard.first_try
        for segment in reading.segments
        if segment.end - segment.start == 1
    )


def _names_one(best: Ranked) -> bool:
    """A first name and a last name were both met, or all of a name that has one of them only, and the whole date."""
    return (best.evidence.given_met and best.evidence.surname_met) or _is_whole(best)


def _is_whole(best: Ranked) -> bool:
    """All of the recorded name, and the whole date: what somebody with one name needs."""
    return best.evidence.whole and best.agreed in (Agreement.EXACT, Agreement.SWAPPED)


def _is_one_name(heard: Heard) -> bool:
    """Whether the same was said for first name and last name: that is one name, as long as there is no other."""
    return len({reading.words for reading in heard.first_try}) < len(heard.first_try)
