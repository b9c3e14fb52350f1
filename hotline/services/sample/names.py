"""Which names the people of a country have, each as often as it is borne there."""

from __future__ import annotations

import random
import re
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import accumulate
from typing import Literal

Kind = Literal["male", "female", "surname"]

# The rare names behind a pool's list are numbered; a number of n bits is as likely as one of any other length,
# which is Zipf's law in powers of two: the first ones come again and again, the last ones once in a feed.
_RARE_BITS = 15
_BEGINNING = re.compile(r"[^aeiou]+[aeiou]+", re.IGNORECASE)
_SHORTEST_RARE = 4


def table(name: str) -> Iterator[list[str]]:
    """The rows of `hotline/services/sample/<name>.tsv`, without its comments and its heading."""
    text = resources.files(__package__).joinpath(f"{name}.tsv").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    next(lines)
    for line in lines:
        yield line.split("\t")


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one pool and kind, the running sum of their weights, and the weight of all that are not listed."""

    listed: tuple[str, ...]
    sums: tuple[int, ...]
    rare: int

    def draw(self, chance: random.Random) -> str:
        """One name, as likely as its weight says."""
        at = int(chance.random() * (self.sums[-1] + self.rare))
        return self.listed[bisect(self.sums, at)] if at < self.sums[-1] else self._rare(chance)

    def _rare(self, chance: random.Random) -> str:
        """The beginning of one listed name with the rest of another: Ro-dríguez and Gue-rrero make Rorrero."""
        bits = chance.randrange(_RARE_BITS)
        number = (1 << bits) | chance.getrandbits(bits) if bits else 1
        first = self.listed[number * 7919 % len(self.listed)]
        last = self.listed[number * 104729 // 13 % len(self.listed)]
        begins, ends = _BEGINNING.match(first), _BEGINNING.match(last)
        made = first[: begins.end()] + last[ends.end() :] if begins and ends else ""
        return made if len(made) >= _SHORTEST_RARE and made.isalpha() else first


@cache
def pools() -> dict[str, dict[Kind, Names]]:
    """Every pool of the table of names, by its kinds."""
    listed: dict[tuple[str, Kind], tuple[list[str], list[int], list[int]]] = {}
    for pool, kind, weight, names in table("names"):
        of_kind: Kind = "male" if kind == "male" else "female" if kind == "female" else "surname"
        words, weights, rare = listed.setdefault((pool, of_kind), ([], [], []))
        if names == "*":
            rare.append(int(weight))
            continue
        for name in names.split():
            words.append(name.replace("_", " "))
            weights.append(int(weight))
    found: dict[str, dict[Kind, Names]] = {}
    for (pool, of_kind), (words, weights, rare) in listed.items():
        found.setdefault(pool, {})[of_kind] = Names(tuple(words), tuple(accumulate(weights)), sum(rare))
    return found


@dataclass(frozen=True, slots=True)
class Mix:
    """Pools side by side, and of 100 names how many come from each and those before it."""

    pools: tuple[dict[Kind, Names], ...]
    sums: tuple[int, ...]

    def draw(self, kind: Kind, chance: random.Random) -> str:
        """One name of this kind."""
        if len(self.pools) == 1:
            return self.pools[0][kind].draw(chance)
        return self.pools[bisect(self.sums, int(chance.random() * self.sums[-1]))][kind].draw(chance)


@dataclass(frozen=True, slots=True)
class Community:
    """People of one country who are named alike. `two_given` and `two_surnames` are percent of them."""

    country: str
    tradition: str
    given: Mix
    surnames: Mix
    two_given: int
    two_surnames: int


@dataclass(frozen=True, slots=True)
class Pool:
    """All names of a country: its communities, and of 100 people how many belong to each and those before it."""

    communities: tuple[Community, ...]
    sums: tuple[int, ...]

    def community(self, chance: random.Random) -> Community:
        """One of the country's communities, as likely as its share."""
        return self.communities[bisect(self.sums, int(chance.random() * self.sums[-1]))]

    def draw(self, kind: Kind, chance: random.Random) -> str:
        """One given name or surname of somebody born there, as it is written there; it may hold a blank."""
        community = self.community(chance)
        return (community.surnames if kind == "surname" else community.given).draw(kind, chance)


def pool_of(country: str) -> Pool:
    """The names of people born in this country (the code in the table of countries). Raises KeyError."""
    return _by_country()[country]


@cache
def _by_country() -> dict[str, Pool]:
    rows: dict[str, list[tuple[int, Community]]] = {}
    for country, share, tradition, given, surnames, two_given, two_surnames in table("communities"):
        community = Community(country, tradition, _mix(given), _mix(surnames), int(two_given), int(two_surnames))
        rows.setdefault(country, []).append((int(share), community))
    return {
        country: Pool(tuple(community for _, community in of), tuple(accumulate(share for share, _ in of)))
        for country, of in rows.items()
    }


def _mix(cell: str) -> Mix:
    parts = [part.partition(":") for part in cell.split(",")]
    return Mix(
        tuple(pools()[pool] for pool, _, _ in parts), tuple(accumulate(int(share or 100) for _, _, share in parts))
    )


@dataclass(frozen=True, slots=True)
class Country:
    """A country of birth and what a feed may call it."""

    code: str
    recorded_as: tuple[str, ...]


@cache
def countries() -> tuple[tuple[Country, ...], tuple[int, ...]]:
    """The countries of birth, and the running sum of their shares of 100,000 people."""
    rows = list(table("countries"))
    return (
        tuple(Country(code, (code, alpha3, name, name.upper())) for code, _, alpha3, name in rows),
        tuple(accumulate(int(share) for _, share, _, _ in rows)),
    )
