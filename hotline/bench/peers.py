"""Plain methods of name search over the same people and queries, for comparison; extra `bench`, loaded when asked for.

Each is used as its own handbook has it: the whole name in plain letters, or its digits where keys were pressed,
within the country of birth and with the threshold that is usual for the method.
"""

from __future__ import annotations

import re
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from hotline.bench.callers import Asked
from hotline.bench.held import FeedPerson, Held, bare_words, keys, plain
from hotline.bench.measures import Answer, Pair
from hotline.errors import HotlineError

MOST = 5
Ranking = list[tuple[str, float]]
Rank = Callable[[Asked], Ranking]


@dataclass(frozen=True, slots=True)
class Peer:
    """A method: how it is made ready over the people, and its score of acceptance.

    It is given the address of a PostgreSQL, if there is one, and a stack for what must be closed after it.
    """

    accepted: float
    made: Callable[[Held, str | None, ExitStack], Rank | None]
    knows_keys: bool = True


def answered(
    name: str, people: Sequence[FeedPerson], asked: Sequence[Asked], postgresql: str | None
) -> list[Pair] | None:
    """A peer's answers to the queries that it can read, timed; None where what it needs is not installed."""
    peer = PEERS[name]
    with ExitStack() as stack:
        rank = peer.made(Held(people), postgresql, stack)
        if rank is None:
            return None
        return [(query, _timed(rank, query)) for query in asked if peer.knows_keys or not _is_keyed(query)]


def _timed(rank: Rank, query: Asked) -> Answer:
    began = time.perf_counter()
    ranked = tuple(rank(query)[:MOST])
    return Answer(ranked, "", (time.perf_counter() - began) * 1000)


def _name(person: FeedPerson) -> str:
    return _plain_text(" ".join((*person.given_words, *person.surname_words)))


def _plain_text(text: str) -> str:
    return " ".join(filter(None, (plain(word) for word in text.replace("-", " ").split())))


def _said(asked: Asked) -> str:
    """What was said in plain letters, or the digits, word by word."""
    if asked.given_keys or asked.surnames_keys:
        return f"{asked.given_keys} {asked.surnames_keys}".replace("0", " ").replace("1", " ").strip()
    text = _plain_text(asked.text or f"{asked.given} {asked.surnames}")
    return re.sub(r"\b(\w) (?=\w\b)", r"\1", text)  # letters that were spelled one by one


def _is_keyed(asked: Asked) -> bool:
    return bool(asked.given_keys or asked.surnames_keys)


def _digits(name: str) -> str:
    return " ".join(keys(word) for word in name.split())


def _exact(held: Held, _: str | None, __: ExitStack) -> Rank:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for person in held.people:
        name = _name(person)
        found[person.country, name].append(person.subject_id)
        found[person.country, _digits(name)].append(person.subject_id)

    def rank(asked: Asked) -> Ranking:
        same = found.get((asked.country, _said(asked)), [])
        return [(subject, 1 / len(same)) for subject in same]

    return rank


def _token_set(held: Held, _: str | None, __: ExitStack) -> Rank | None:
    from rapidfuzz import fuzz, process

    names: dict[str, list[str]] = defaultdict(list)
    digits: dict[str, list[str]] = defaultdict(list)
    ids: dict[str, list[str]] = defaultdict(list)
    for person in held.people:
        names[person.country].append(_name(person))
        digits[person.country].append(_digits(_name(person)))
        ids[person.country].append(person.subject_id)

    def rank(asked: Asked) -> Ranking:
        choices = (digits if _is_keyed(asked) else names).get(asked.country, [])
        said = _said(asked)
        best = process.extract(said, choices, scorer=fuzz.token_set_ratio, limit=50)
        best.sort(key=lambda hit: (-hit[1], -fuzz.token_sort_ratio(said, hit[0])))  # a subset is as good as the whole
        return [(ids[asked.country][at], score / 100) for _, score, at in best]

    return rank


def _metaphone(held: Held, _: str | None, __: ExitStack) -> Rank | None:
    try:
        from doublemetaphone import doublemetaphone
    except ImportError:
        return None
    from rapidfuzz.distance import JaroWinkler

    carriers: dict[tuple[str, str], list[int]] = defaultdict(list)
    names = [_name(person) for person in held.people]
    for number, name in enumerate(names):
        for word in name.split():
            for code in (*filter(None, doublemetaphone(word)), keys(word)):
                carriers[held.people[number].country, code].append(number)

    def rank(asked: Asked) -> Ranking:
        said = _said(asked)
        hits: dict[int, int] = defaultdict(int)
        for word in said.split():
            codes = {word} if _is_keyed(asked) else {code for code in doublemetaphone(word) if code}
            for number in {n for code in codes for n in carriers.get((asked.country, code), ())}:
                hits[number] += 1
        likely = sorted(hits, key=lambda number: (-hits[number], number))[:200]
        form = _digits if _is_keyed(asked) else str
        scored = [(held.people[n].subject_id, JaroWinkler.similarity(said, form(names[n]))) for n in likely]
        return sorted(scored, key=lambda row: -row[1])

    return rank


def connected(postgresql: str) -> Any:
    """A connection to a PostgreSQL. Raises HotlineError where there is none to be had."""
    try:
        import psycopg
    except ImportError:
        raise HotlineError("trigrams need the driver of PostgreSQL: install hotline[postgres]") from None
    try:
        return psycopg.connect(postgresql.replace("+psycopg", ""), autocommit=True)
    except psycopg.Error as fault:
        raise HotlineError(f"the PostgreSQL for the trigrams can't be reached ({type(fault).__name__})") from None


def _trigram(held: Held, postgresql: str | None, stack: ExitStack) -> Rank | None:
    """A temporary table with GIN indexes, on any PostgreSQL with pg_trgm; it is gone with the connection."""
    if postgresql is None:
        return None
    connection: Any = stack.enter_context(connected(postgresql))
    connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    connection.execute("CREATE TEMP TABLE peer (subject text, country text, name text, digits text)")
    with connection.cursor().copy("COPY peer FROM STDIN") as copy:
        for person in held.people:
            copy.write_row((person.subject_id, person.country, _name(person), _digits(_name(person))))
    for column in ("name", "digits"):
        connection.execute(f"CREATE INDEX ON peer USING gin ({column} gin_trgm_ops)")
    connection.execute("ANALYZE peer")
    queries = {
        column: f"SELECT subject, similarity({column}, %s) AS score FROM peer"
        f" WHERE country = %s AND {column} %% %s ORDER BY score DESC, subject LIMIT {MOST}"
        for column in ("name", "digits")
    }

    def rank(asked: Asked) -> Ranking:
        said = _said(asked)
        query = queries["digits" if _is_keyed(asked) else "name"]
        return [(row[0], float(row[1])) for row in connection.execute(query, (said, asked.country, said)).fetchall()]

    return rank


def _logic_v2(held: Held, _: str | None, __: ExitStack) -> Rank | None:
    """OpenSanctions' own matcher over the 60 best candidates by words that begin alike."""
    try:
        from followthemoney import EntityProxy, model
        from nomenklatura.matching import LogicV2, ScoringConfig
    except ImportError:
        return None
    config = ScoringConfig.defaults()
    counter = iter(range(10**9))

    def entity(text: str, country: str) -> Any:
        data = {"schema": "Person", "properties": {"name": [text], "country": [country.lower()]}}
        return EntityProxy.from_dict({"id": f"n{next(counter)}", **data})  # its cache is keyed by entity id

    assert model is not None
    retrieve = _beginnings(held)

    def rank(asked: Asked) -> Ranking:
        said = entity(_said(asked), asked.country)
        scored = [
            (
                held.people[n].subject_id,
                LogicV2.compare(said, entity(_name(held.people[n]), asked.country), config).score,
            )
            for n in retrieve(asked)[:60]
        ]
        return sorted(scored, key=lambda row: -row[1])

    return rank


def _beginnings(held: Held) -> Callable[[Asked], list[int]]:
    """People of the country by how many words begin with the same three letters, then by the likeness of the whole."""
    from rapidfuzz import fuzz

    names = [_name(person) for person in held.people]
    sorted_words = {country: sorted(words) for country, words in held.carriers.items()}

    def retrieve(asked: Asked) -> list[int]:
        said, hits = _said(asked), defaultdict[int, float](float)
        words = sorted_words.get(asked.country, [])
        for beginning in {word[:3] for word in bare_words(said)}:
            met = set()
            for at in range(bisect_left(words, beginning), len(words)):
                if not words[at].startswith(beginning):
                    break
                met.update(held.carriers[asked.country][words[at]])
            for number in met:
                hits[number] += 1
        likely = sorted(hits, key=lambda number: (-hits[number], number))[:600]
        return sorted(likely, key=lambda number: -fuzz.token_sort_ratio(said, names[number]))

    return retrieve


PEERS: Mapping[str, Peer] = {
    "exact": Peer(1.0, _exact),
    "trigram": Peer(0.6, _trigram),
    "token_set": Peer(0.9, _token_set),
    "metaphone": Peer(0.92, _metaphone),
    "logic_v2": Peer(0.7, _logic_v2, knows_keys=False),
}
"""By the names that `hotline bench match` knows them by."""
