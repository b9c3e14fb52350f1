"""The five kinds of caller who mean nobody held: strangers, fishing, and names that are only like a held person's.

Each function answers None where the person that it starts from gives no such caller.
"""

from __future__ import annotations

from dataclasses import replace

from hotline.bench.held import Held, bare_words, keys, plain
from hotline.bench.said import Caller, Said, Words, units
from hotline.bench.slips import accents, on_keys, slipped
from hotline.bench.slips import other_sex as other_sexes
from hotline.bench.speech import recognised


def stranger(caller: Caller) -> Said | None:
    chance, held = caller.chance, caller.held
    if caller.outsiders:
        other = chance.choice(caller.outsiders)
        given, surnames, country = other.given_words, other.surname_words, other.country
    else:
        country = caller.person.country
        others = [held.people[chance.choice(held.by_country[country])] for _ in range(2)]
        given, surnames = others[0].given_words, others[1].surname_words
    if not given or not surnames or is_held(held, country, given, surnames):
        return None
    return _said_somehow(caller, given, surnames, country)


def is_held(held: Held, country: str, given: Words, surnames: Words) -> bool:
    """Whether somebody has the whole name, or its first given name with its first surname, whichever is which."""
    first = bare_words((given[0], *units(surnames)[0]))
    return bool(held.named(country, bare_words(given + surnames)) or held.named(country, first))


def _said_somehow(caller: Caller, given: Words, surnames: Words, country: str) -> Said:
    """A name that nobody has, by the channels that callers use: mostly as text, else by speech, keys or typed."""
    chance = caller.chance
    plainly = Said(given, surnames, given + surnames, nobody=True, country=country, surname=surnames)
    match chance.choices(("plain", "speech", "keys", "typing", "accents"), (55, 15, 15, 8, 7))[0]:
        case "speech":
            heard = recognised(given, surnames, country, caller.held, False, chance, caller.is_asked_apart)
            return replace(
                plainly, given=heard.given, surnames=heard.surnames, text=heard.text, confidence=heard.confidence
            )
        case "keys":
            return replace(plainly, given=(on_keys(given, chance),), surnames=(on_keys(surnames, chance),), by="keys")
        case "typing":
            first, last = slipped(given, surnames, chance)
            return replace(plainly, given=first, surnames=last)
        case "accents":
            first, last = (tuple(accents(word, chance) for word in words) for words in (given, surnames))
            return replace(plainly, given=first, surnames=last)
        case _:
            return plainly


def other_country(caller: Caller) -> Said | None:
    given, surnames = caller.part()
    country = caller.chance.choice(caller.held.people).country
    if not given or not surnames or is_held(caller.held, country, given, surnames):
        return None
    return _said_somehow(caller, given, surnames, country)


def fishing(caller: Caller) -> Said | None:
    chance, held, person = caller.chance, caller.held, caller.person
    country, first = person.country, person.given_words[:1]
    common = held.surnames[country].most_common(5)
    surname = (chance.choice(common)[0],) if common else ()
    match chance.choices(("first", "two_keys", "surname", "pair", "letter"), (35, 20, 25, 15, 5))[0]:
        case "first" if chance.random() < 0.3 and first:
            return Said((keys(first[0]),), (), (), by="keys", nobody=True)
        case "first" if first:
            return Said(person.given_words[: chance.choice((1, 1, 2))], (), (), nobody=True)
        case "two_keys" if first and surname:
            return Said((keys(first[0])[:2],), (keys(surname[0])[: chance.choice((0, 2, 2))],), (), "keys", nobody=True)
        case "surname" if surname:
            return Said((), surname, (), nobody=True)
        case "pair" if first and surname and len(held.named(country, bare_words(first + surname))) > 1:
            return Said(first, surname, (), nobody=True)
        case "letter" if first and surname:
            return Said((plain(first[0])[:1],), surname, (), nobody=True)
    return None


def another_surname(caller: Caller) -> Said | None:
    """The right given names, and one or both of the surnames another's: nobody held is called that."""
    given, surnames = caller.part()
    chance, held, country = caller.chance, caller.held, caller.person.country
    right, wrong = units(surnames), units(held.people[chance.choice(held.by_country[country])].surname_words)
    if not given or not right or not wrong or bare_words(wrong[0]) & bare_words(surnames):
        return None
    changed = [*wrong[:1]]
    if len(right) > 1:
        ways = ([wrong[0], *right[1:]], [*right[:-1], wrong[0]], wrong[:1], wrong[:2])
        changed = [*chance.choices(ways, (40, 25, 20, 15))[0]]
    new = tuple(word for unit in changed for word in unit)
    if held.named(country, bare_words((given[0], *wrong[0]))) or held.named(country, bare_words((*given, *new))):
        return None
    return _said_somehow(caller, given, new, country)


def other_sex(caller: Caller) -> Said | None:
    given, surnames = caller.part()
    if not given or not surnames or (other := other_sexes().get(plain(given[0]))) is None:
        return None
    changed = (other.title(), *given[1:]) if len(given) == 1 or caller.chance.random() < 0.4 else (other.title(),)
    if caller.held.named(caller.person.country, bare_words((other, *units(surnames)[0]))):
        return None
    return _said_somehow(caller, changed, surnames, caller.person.country)
