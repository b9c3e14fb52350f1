"""Callers of nineteen kinds asking for people of a feed: what each says or keys, and whom each means.

Fourteen kinds mean a person who is held and may be shown; five mean nobody (strangers) or somebody who is only like
a person held (near). The lists of short names, spellings and mishearings are the bench's own, so that the search is
not measured by its own tables. Everything follows from the people and the seed; parameters of the search are fitted
on seeds below 100 and judged on others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from random import Random

from hotline.bench import meaning_nobody as nobody
from hotline.bench import meaning_somebody as somebody
from hotline.bench.held import FeedPerson, Held, bare_words
from hotline.bench.said import FAR, FOUND, NEAR, Caller, Kind, Said

__all__ = ["FAR", "FOUND", "NEAR", "Asked", "Kind", "queries"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One query with its truth. The fields up to `confidence` are what the line is told; "" is not said.

    `birth_date` is `YYYY-MM-DD`, `YYYY` or "", `confidence` 0 to 1 for speech. `wanted` is the subject meant, None
    for nobody held. `decided_by_name`: nobody else who may be shown has a name with all the words that the caller
    had in mind. `fitting` counts those with a word for every
    part that was keyed, in any order (1 where the channel loses nothing).
    """

    id: str
    kind: Kind
    country: str
    text: str = ""
    given: str = ""
    surnames: str = ""
    given_keys: str = ""
    surnames_keys: str = ""
    birth_date: str = ""
    confidence: float | None = None
    wanted: str | None = None
    decided_by_name: bool = False
    fitting: int = 1

    def undated(self) -> Asked:
        """The same without a date of birth, as the table of recall asks."""
        return replace(self, birth_date="")

    def as_line(self) -> str:
        """The query as `hotline match` reads it: one JSON object, no truth in it."""
        said = {name: value for name, value in asdict(self).items() if name in _SAID and value not in ("", None)}
        return json.dumps({"id": self.id, "country": self.country, **said}, ensure_ascii=False)

    def as_truth(self) -> str:
        """What `as_line` leaves out, for `from_truth`."""
        truth = {name: value for name, value in asdict(self).items() if name not in _SAID}
        return json.dumps(truth, ensure_ascii=False)

    @classmethod
    def from_truth(cls, truth: str, line: str = "{}") -> Asked:
        """The query of a line of truth and, where it is at hand, the line that was asked."""
        fields = {**json.loads(line), **json.loads(truth)}
        return cls(**{**fields, "kind": Kind(fields["kind"])})


_SAID = ("text", "given", "surnames", "given_keys", "surnames_keys", "birth_date", "confidence")


def queries(
    people: Sequence[FeedPerson], per_kind: int, seed: int, outsiders: Sequence[FeedPerson] = ()
) -> Iterator[Asked]:
    """`per_kind` queries of each kind, fewer where the people give no more; the same for the same arguments.

    Strangers' names are drawn from `outsiders`, who should be of the same feed's making; without any, given names of
    one person of a country are put before surnames of another.
    """
    held = Held(people)
    if not held.people:
        return
    for kind in Kind:
        chance = Random(f"{seed}:{kind}")
        made = 0
        for _ in range(per_kind * 40):
            if made == per_kind:
                break
            person = chance.choice(held.people)
            caller = Caller(held, person, chance, outsiders)
            said = _KINDS[kind](caller)
            if said is not None:
                yield _asked(f"{kind}-{made:05d}", kind, caller, said)
                made += 1


@dataclass(frozen=True, slots=True)
class Call:
    """One caller of the toll-free number: what is told of either name, and what the caller knows.

    `knows` are the plain words of the name in mind, `surname` its last name; `contradicts` marks a held person's
    caller whose year of birth is off by more than one.
    """

    asked: Asked
    knows: frozenset[str]
    surname: tuple[str, ...]
    contradicts: bool = False


CALLERS: Mapping[Kind, int] = {
    Kind.SPEECH: 290,
    Kind.EXACT: 60,
    Kind.SPEECH_BAD: 10,
    Kind.KEYPAD: 120,
    Kind.KEYPAD_SLIP: 30,
    Kind.SPELLED: 30,
    Kind.ONE_SURNAME: 20,
    Kind.NICKNAME: 20,
    Kind.TRANSLITERATION: 10,
    Kind.PREFIXES: 10,
    Kind.STRANGER: 120,
    Kind.OTHER_COUNTRY: 40,
    Kind.FISHING: 140,
    Kind.ANOTHER_SURNAME: 50,
    Kind.OTHER_SEX: 50,
}
"""Of 1,000 callers how many ask in which way: six in ten mean somebody held, and most of those speak."""
CONTRADICTING = 0.05
"""The share of those who mean somebody held and tell a year that is off by two to nine."""


def calls(people: Sequence[FeedPerson], count: int, seed: int, outsiders: Sequence[FeedPerson] = ()) -> Iterator[Call]:
    """So many callers, mixed as `CALLERS` has it; each tells first and last name apart, as the line asks for them."""
    held, chance = Held(people), Random(f"{seed}:calls")
    made = 0
    for _ in range(count * 40):
        if made == count or not held.people:
            break
        kind = chance.choices(list(CALLERS), list(CALLERS.values()))[0]
        said = None
        for _ in range(100):  # so that kinds which few names give are as frequent as the others
            caller = Caller(held, chance.choice(held.people), chance, outsiders, is_asked_apart=True)
            if (said := _KINDS[kind](caller)) is not None:
                break
        if said is not None:
            yield _call(f"call-{made:06d}", kind, caller, said)
            made += 1


def _call(name: str, kind: Kind, caller: Caller, said: Said) -> Call:
    asked, person, chance = _asked(name, kind, caller, said), caller.person, caller.chance
    own = () if said.nobody else (*person.given_words, *person.surname_words)
    contradicts = not said.nobody and chance.random() < CONTRADICTING and person.birth != ""
    if contradicts:
        off = chance.choice((-1, 1)) * chance.randint(2, 9)
        asked = replace(asked, birth_date=str(int(person.birth[:4]) + off))
    surname = said.surname if said.nobody else person.surname_words
    return Call(asked, bare_words((*said.meant, *own)), surname, contradicts)


def hidden(people: Sequence[FeedPerson], count: int, seed: int) -> Iterator[Asked]:
    """Exact queries for people who may not be shown, and whose name nobody shown has: they mean nobody."""
    held, chance = Held(people), Random(f"{seed}:hidden")
    secret = [person for person in people if not person.shown and person.given_words and person.surname_words]
    chance.shuffle(secret)
    made = 0
    for person in secret:
        given, surnames = person.given_words, person.surname_words
        if made < count and not nobody.is_held(held, person.country, given, surnames):
            yield Asked(f"hidden-{made:05d}", Kind.STRANGER, person.country, text=" ".join((*given, *surnames)))
            made += 1


def _asked(name: str, kind: Kind, caller: Caller, said: Said) -> Asked:
    person, held = caller.person, caller.held
    country = said.country or person.country
    told: dict[str, str] = {}
    if said.text:
        told["text"] = said.text
    elif said.by == "keys":
        told = {"given_keys": " ".join(said.given), "surnames_keys": " ".join(said.surnames)}
    elif kind is not Kind.FISHING and not caller.is_asked_apart and caller.chance.random() < 0.5:
        told["text"] = " ".join((*said.given, *said.surnames))
    else:
        told = {"given": " ".join(said.given), "surnames": " ".join(said.surnames)}
    fitting = 1
    decided = False
    if not said.nobody:
        decided = len(held.named(country, bare_words(said.meant))) == 1
    if said.parts:
        fitting = max(1, len(held.keyed(country, said.parts, whole=kind is not Kind.PREFIXES)))
    birth = _birth(caller.chance.choice(held.people).birth if said.nobody else person.birth, caller.chance)
    return Asked(
        id=name,
        kind=kind,
        country=country,
        birth_date=birth,
        confidence=said.confidence,
        wanted=None if said.nobody else person.subject_id,
        decided_by_name=decided,
        fitting=fitting,
        **told,
    )


def _birth(recorded: str, chance: Random) -> str:
    """What a caller knows of it: the date, the year, nothing; a few are a year off or put the day before the month."""
    knows = chance.choices(("date", "year", "nothing"), (55, 25, 20))[0]
    slip = chance.choices(("none", "year", "swapped"), (95, 3, 2))[0]
    if knows == "nothing" or not recorded:
        return ""
    year, *rest = recorded.split("-")
    if slip == "year":
        year = str(int(year) + chance.choice((-1, 1)))
    if knows == "year" or (len(rest) < 2 and chance.random() < 0.5):
        return year
    if len(rest) < 2 or rest == ["01", "01"]:
        rest = [f"{chance.randint(1, 12):02d}", f"{chance.randint(1, 28):02d}"]
    month, day = rest
    if (slip == "swapped" and int(day) <= 12) or (month, day) == ("02", "29"):
        month, day = (day, month) if int(day) <= 12 else (month, "28")
    return f"{year}-{month}-{day}"


_KINDS: Mapping[Kind, Callable[[Caller], Said | None]] = {
    Kind.EXACT: somebody.exact,
    Kind.ACCENTS: somebody.accents,
    Kind.ONE_SURNAME: somebody.one_surname,
    Kind.SWAPPED: somebody.swapped,
    Kind.JOINED: somebody.joined,
    Kind.NICKNAME: somebody.nickname,
    Kind.TRANSLITERATION: somebody.transliteration,
    Kind.TYPING: somebody.typing,
    Kind.SPEECH: somebody.speech,
    Kind.SPEECH_BAD: somebody.speech_bad,
    Kind.SPELLED: somebody.spelled,
    Kind.KEYPAD: somebody.keypad,
    Kind.KEYPAD_SLIP: somebody.keypad_slip,
    Kind.PREFIXES: somebody.prefixes,
    Kind.STRANGER: nobody.stranger,
    Kind.OTHER_COUNTRY: nobody.other_country,
    Kind.FISHING: nobody.fishing,
    Kind.ANOTHER_SURNAME: nobody.another_surname,
    Kind.OTHER_SEX: nobody.other_sex,
}
