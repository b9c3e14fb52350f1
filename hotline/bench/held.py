"""The people of a feed as the bench sees them, and whom a name could mean among those who may be shown."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from anyascii import anyascii

from hotline.rules import birth_dates, countries, disclosure, feed


def table(name: str) -> tuple[tuple[str, ...], ...]:
    """The rows of `hotline/bench/<name>.tsv`, without its heading, blank lines and lines that begin with `#`."""
    text = resources.files(__package__).joinpath(f"{name}.tsv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return tuple(tuple(cell.strip() for cell in line.split("\t")) for line in lines[1:])


def _left_out(kind: str) -> frozenset[str]:
    return frozenset(word for row in table("left_out") if row[0] == kind for word in row[1].split())


PARTICLES = _left_out("particle")
_NO_NAMES = _left_out("suffix") | _left_out("filler")
_FILLING = re.compile(r"\b(no (last |first |middle )?name( given)?|sin (nombre|apellido)s?|not given)\b", re.IGNORECASE)
_KEYS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")


@dataclass(frozen=True, slots=True)
class FeedPerson:
    """One person of a feed: names as recorded, `country` a code, `birth` as in the feed or ""."""

    subject_id: str
    given: str
    surnames: str
    others: str
    sex: str
    birth: str
    country: str
    shown: bool

    @property
    def given_words(self) -> tuple[str, ...]:
        """The given names in Latin letters, marks kept, without the fillers of records."""
        return spoken_words(self.given)

    @property
    def surname_words(self) -> tuple[str, ...]:
        return spoken_words(self.surnames)


def feed_people(rows: Iterable[Mapping[str, str]], today: date) -> Iterator[FeedPerson]:
    """Each person of a feed's rows once; the rows of one person stand together. `today` decides who is an adult."""
    last = ""
    for fields in rows:
        if fields["subject_id"] == last:
            continue
        last = fields["subject_id"]
        row = feed.read_row(fields)
        yield FeedPerson(
            subject_id=row.subject_id,
            given=row.given_names,
            surnames=row.surnames,
            others=" ".join(f"{other.given_names} {other.surnames}" for other in row.other_names),
            sex=row.sex or "",
            birth=str(row.birth_date or ""),
            country=row.birth_country,
            shown=disclosure.may_be_shown(row.disclosable, row.protected, birth_dates.adult_on(row.birth_date), today),
        )


def spoken_words(recorded: str) -> tuple[str, ...]:
    """What a caller would say of a recorded field: Latin letters, no FNU or LNU, no suffix; hyphens kept."""
    text = _FILLING.sub(" ", recorded)
    if any(ord(char) > 0x24F and char.isalpha() and not _is_vietnamese(char) for char in text):
        text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", anyascii(text))
    words = (word.strip(".,") for word in text.split())
    return tuple(word for word in words if any(map(str.isalpha, word)) and plain(word) not in _NO_NAMES)


def _is_vietnamese(char: str) -> bool:
    return 0x1E00 <= ord(char) <= 0x1EFF


@cache
def plain(word: str) -> str:
    """A word in the letters a to z alone."""
    return "".join(char for char in anyascii(unicodedata.normalize("NFC", word)).casefold() if "a" <= char <= "z")


def keys(word: str) -> str:
    """The keys that spell a word, one press a letter (E.161)."""
    return plain(word).translate(_KEYS)


def bare_words(text: str | Iterable[str]) -> frozenset[str]:
    """The words by which names are compared here: plain, apart at hyphens, without particles (unless all are)."""
    text = text if isinstance(text, str) else " ".join(text)
    words = [plain(word) for word in re.split(r"[\s\-‐–]+", text)]
    telling = frozenset(word for word in words if len(word) > 1 and word not in PARTICLES)
    return telling or frozenset(filter(None, words))


class Held:
    """An index of the people who may be shown, by country and word: the bench's own truth about namesakes."""

    def __init__(self, people: Sequence[FeedPerson]) -> None:
        self.people = [person for person in people if person.shown and _said(person)]
        self.words = [bare_words((*_said(person), person.others)) for person in self.people]
        self.by_country: dict[str, list[int]] = defaultdict(list)
        self.carriers: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for number, person in enumerate(self.people):
            self.by_country[person.country].append(number)
            for word in self.words[number]:
                self.carriers[person.country][word].append(number)
        self._keyed = {country: _keyed(words) for country, words in self.carriers.items()}
        self.surnames = {
            country: Counter(word for n in numbers for word in self.people[n].surname_words)
            for country, numbers in self.by_country.items()
        }

    def named(self, country: str, words: Collection[str]) -> list[int]:
        """Everybody of the country, or of what it was or became, whose recorded names hold all these plain words."""
        if not words:
            return []
        found: list[int] = []
        for place in countries.equivalent(country) & self.carriers.keys():
            carriers = self.carriers[place]
            rarest = min((carriers.get(word, []) for word in words), key=len)
            found += [number for number in rarest if self.words[number].issuperset(words)]
        return found

    def keyed(self, country: str, parts: Sequence[str], whole: bool) -> list[int]:
        """Everybody with a word for each of these keys, spelled by them whole or beginning with them."""
        found: list[int] = []
        for place in countries.equivalent(country) & self.carriers.keys():
            fitting = [self._fitting(place, part, whole) for part in parts]
            found += set.intersection(*fitting) if fitting else ()
        return found

    def _fitting(self, country: str, part: str, whole: bool) -> set[int]:
        keyed = self._keyed[country]
        carriers = self.carriers[country]
        numbers: set[int] = set()
        for at in range(bisect_left(keyed, (part, "")), len(keyed)):
            spelled, word = keyed[at]
            if not spelled.startswith(part) or (whole and spelled != part):
                break
            numbers.update(carriers[word])
        return numbers


def _said(person: FeedPerson) -> tuple[str, ...]:
    return (*person.given_words, *person.surname_words)


def _keyed(words: Iterable[str]) -> list[tuple[str, str]]:
    return sorted((keys(word), word) for word in words)
