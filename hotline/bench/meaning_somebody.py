"""The fourteen kinds of caller who mean a person held: each says that person's name in a way of its own.

Each function answers None where the person's name gives no such caller.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from hotline.bench.held import PARTICLES, bare_words, keys, plain
from hotline.bench.said import Caller, Said, Words, units
from hotline.bench.slips import accents as accented
from hotline.bench.slips import keyed_slip, on_keys, other_spelling, short_form, slipped
from hotline.bench.sounds import cut_apart
from hotline.bench.speech import recognised
from hotline.bench.spelling import spelled as spelled_out


def exact(caller: Caller) -> Said | None:
    given, surnames = caller.person.given_words, caller.person.surname_words
    return Said(given, surnames, given + surnames)


def accents(caller: Caller) -> Said | None:
    given, surnames = caller.part()
    chance, meant = caller.chance, given + surnames
    said = [tuple(accented(word, chance) for word in words) for words in (given, surnames)]
    if len(said[1]) == 2 and chance.random() < 0.15:
        said[1] = ("-".join(said[1]),)
    return Said(said[0], said[1], meant)


def one_surname(caller: Caller) -> Said | None:
    found = units(caller.person.surname_words)
    given = caller.person.given_words
    if len(found) < 2 or not given:
        return None
    surname = found[0] if caller.chance.random() < 0.65 else found[-1]
    given = given if caller.chance.random() < 0.5 else given[:1]
    return Said(given, surname, given + surname)


def swapped(caller: Caller) -> Said | None:
    given, surnames = caller.part()
    chance, meant = caller.chance, given + surnames
    found = units(surnames)
    if not given or not surnames:
        return None
    reversed_surnames = tuple(word for unit in reversed(found) for word in unit)
    match chance.choices(("names", "surnames", "any"), (45, 25, 30))[0]:
        case "surnames" if len(found) > 1:
            return Said(given, reversed_surnames, meant)
        case "any" if not caller.is_asked_apart:
            pieces = [*((word,) for word in given), *found]
            chance.shuffle(pieces)
            return Said((), (), meant, text=" ".join(word for piece in pieces for word in piece))
        case _:
            return Said(surnames, given, meant)


def joined(caller: Caller) -> Said | None:
    given, surnames = caller.part()
    meant, chance = given + surnames, caller.chance
    ways: list[Callable[[], tuple[Words, Words] | None]] = [
        lambda: (("".join(given),), surnames) if len(given) > 1 else None,
        lambda: (given, ("".join(surnames),)) if len(surnames) > 1 else None,
        lambda: (given, ("-".join(surnames),)) if len(surnames) == 2 else None,
        lambda: (given, tuple("".join(unit) for unit in units(surnames))) if _particles(surnames) else None,
        lambda: (given, tuple(w for w in surnames if plain(w) not in PARTICLES)) if _particles(surnames) else None,
        lambda: (given, (chance.choice(("de", "del", "de la")), *surnames)) if surnames else None,
        lambda: (_one_cut(given, chance), surnames) if given else None,
        lambda: (given, _one_cut(surnames, chance)) if surnames else None,
        lambda: (given, tuple(surnames[0].split("-")) + surnames[1:]) if surnames and "-" in surnames[0] else None,
    ]
    weights = (4, 5, 3, 8, 6, 1, 3, 3, 8)
    while ways:
        way = chance.choices(range(len(ways)), weights[: len(ways)])[0]
        made = ways.pop(way)()
        if made and all(made):
            return Said(*made, meant)
    return None


def _particles(words: Words) -> bool:
    return len(words) > 1 and any(plain(word) in PARTICLES for word in words)


def _one_cut(words: Words, chance: Random) -> Words:
    at = chance.randrange(len(words))
    if len(words[at]) < 5:
        return ()
    return (*words[:at], cut_apart(words[at], chance), *words[at + 1 :])


def nickname(caller: Caller) -> Said | None:
    given, surnames = caller.part()
    if not given or not surnames:
        return None
    at = 0 if len(given) == 1 or caller.chance.random() < 0.8 else 1
    short = short_form(given[at], caller.tradition, caller.chance)
    if short is None:
        return None
    said = (short,) if caller.chance.random() < 0.75 else (*given[:at], short, *given[at + 1 :])
    return Said(tuple(map(str.title, said)), surnames, (given[at], *surnames) if len(said) == 1 else given + surnames)


def transliteration(caller: Caller) -> Said | None:
    given, surnames = caller.part()
    meant, chance = given + surnames, caller.chance
    spellings = {word: other_spelling(word, caller.tradition, chance) for word in meant if plain(word)}
    changed = [word for word, other in spellings.items() if other]
    if not changed:
        return None
    taken = set(chance.sample(changed, min(len(changed), chance.choice((1, 1, 2)))))
    given, surnames = (
        tuple((spellings[w] or w).title() if w in taken else w for w in words) for words in (given, surnames)
    )
    return Said(given, surnames, meant)


def typing(caller: Caller) -> Said | None:
    given, surnames = caller.part()
    return Said(*slipped(given, surnames, caller.chance), given + surnames)


def speech(caller: Caller) -> Said | None:
    return _spoken(caller, *caller.part(), bad=False)


def speech_bad(caller: Caller) -> Said | None:
    return _spoken(caller, *caller.part(), bad=True)


def _spoken(caller: Caller, given: Words, surnames: Words, bad: bool) -> Said:
    said = recognised(given, surnames, caller.person.country, caller.held, bad, caller.chance, caller.is_asked_apart)
    return Said(said.given, said.surnames, given + surnames, text=said.text, confidence=said.confidence)


def spelled(caller: Caller) -> Said | None:
    given, surnames = caller.part()
    chance = caller.chance
    if not surnames:
        return None
    language = "es" if caller.tradition == "spanish" and chance.random() < 0.5 else "en"
    slip = chance.random() < 0.35
    both = chance.random() < 0.4
    which = chance.randrange(2) if both else 1
    said = [
        tuple(spelled_out(word, language, slip and n == which and at == 0, chance) for at, word in enumerate(words))
        if n == 1 or both
        else words
        for n, words in enumerate((given, surnames))
    ]
    if plain(surnames[-1]).endswith("z") and chance.random() < 0.12:
        said[1] = (*surnames, "con zeta" if language == "es" else "with a z")
    return Said(said[0], said[1], given + surnames, confidence=round(chance.uniform(0.55, 0.95), 2))


def keypad(caller: Caller) -> Said | None:
    given, surnames = caller.part()
    parts = tuple(map(keys, sorted(bare_words(given + surnames))))
    said = [(on_keys(words, caller.chance),) if words else () for words in (given, surnames)]
    return Said(said[0], said[1], given + surnames, by="keys", parts=parts)


def keypad_slip(caller: Caller) -> Said | None:
    said = keypad(caller)
    if said is None or not said.given or not said.surnames:
        return None
    given, surnames, chance = said.given[0], said.surnames[0], caller.chance
    if chance.random() < len(given) / (len(given) + len(surnames)):
        return replace(said, given=(keyed_slip(given, chance),), parts=())
    return replace(said, surnames=(keyed_slip(surnames, chance),), parts=())


def prefixes(caller: Caller) -> Said | None:
    """The beginning of either name alone, or of every word of it, in keys or letters."""
    chance = caller.chance
    given, surnames = caller.part()
    if not given or not surnames:
        return None
    if chance.random() < 0.6:
        given, surnames = given[:1], units(surnames)[0]
    bare = [[word for word in words if plain(word) not in PARTICLES] for words in (given, surnames)]
    if not all(bare):
        return None
    longest = chance.choices((3, 4, 5, 6), (35, 30, 25, 10))[0]
    cut = [tuple(plain(word)[:longest] for word in words) for words in bare]
    parts = tuple(keys(word) for words in cut for word in words)
    if chance.random() < 0.3:
        return Said(cut[0], cut[1], given + surnames, parts=parts)
    said = [("0".join(map(keys, words)),) for words in cut]
    return Said(said[0], said[1], given + surnames, by="keys", parts=parts)
