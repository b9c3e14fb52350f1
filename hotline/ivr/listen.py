"""What a caller's keys or words mean at a question."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hotline.ivr.flow import MOST_CHOICES, NONE_KEY, Collect, Lexicon, Menu, Question, Record
from hotline.ivr.session import Heard, Keys, Recorded, Session, Silence

ABSENT_CONFIDENCE = 0.5
"""What speech without a usable confidence counts as."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An outcome, and what it adds to the answers."""

    outcome: str
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Missed:
    """Nothing that can be used: `silence` or `no_match`."""

    reason: str


@dataclass(frozen=True, slots=True)
class Repeat:
    """Hear it again."""


@dataclass(frozen=True, slots=True)
class MoreTime:
    """Wait twice as long from here on."""


Reading = Answered | Missed | Repeat | MoreTime

EVERYWHERE = ("person", "repeat")
"""Outcomes that can be said at any question; `leave` joins them in menus."""


def fold(text: str) -> str:
    """Lower case, accents off, punctuation to blanks, one blank between words.

    >>> fold("Sí, gracias.")
    'si gracias'
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w*]+", " ", letters.replace("'", "").replace("’", "")).split())


def understand(
    node: Question, event: Keys | Heard | Silence | Recorded, session: Session, lexicons: Sequence[Lexicon]
) -> Reading:
    """Read an event at a question. `lexicons` are those of the languages that may be spoken here."""
    match event:
        case Keys(digits):
            return _keys(node, digits, session)
        case Heard(text, confidence):
            return _speech(node, text, confidence, session, lexicons)
        case Recorded(reference, seconds) if seconds > 0 and isinstance(node, Record):
            return Answered("ok", {node.into: reference})
        case _:
            return Missed("silence")


def _keys(node: Question, digits: str, session: Session) -> Reading:
    entry = digits.rpartition("*")[2]  # a star starts an entry over
    if not entry:
        return Repeat() if digits else Missed("silence")
    if entry == "0":
        return Answered("person")
    if isinstance(node, Menu):
        return _menu_key(node, entry, session)
    if isinstance(node, Collect):
        return _entry(node, entry)
    return Missed("no_match")


def _menu_key(node: Menu, key: str, session: Session) -> Reading:
    if key == "9":
        return Answered("leave")
    if node.choices:
        return _choice(node, key, session)
    outcome = node.options.get(key)
    if outcome == "repeat":
        return Repeat()
    if outcome is not None:
        return _chosen(node, outcome)
    return MoreTime() if key == "5" and not session.more_time else Missed("no_match")


def _choice(node: Menu, key: str, session: Session) -> Reading:
    if key == NONE_KEY:
        return Answered("none")
    codes = session.answers.get(node.choices or "", ())[:MOST_CHOICES]
    if key.isdigit() and 1 <= int(key) <= len(codes):
        return Answered("ok", {node.into or "choice": codes[int(key) - 1]})
    return Missed("no_match")


def _entry(node: Collect, entry: str) -> Reading:
    if entry in node.escapes:
        return Answered(node.escapes[entry])
    if not entry.isdigit() or (node.maximum is not None and len(entry) > node.maximum):
        return Missed("no_match")
    if sum(key in "23456789" for key in entry) < node.minimum if node.letters else len(entry) < node.minimum:
        return Missed("no_match")
    return Answered("ok", _kept(node, entry, "keys", None))


def _kept(node: Collect, value: str, by: str, confidence: float | None) -> dict[str, Any]:
    return {node.into: value, f"{node.into}_by": by, f"{node.into}_confidence": confidence}


def _speech(
    node: Question, text: str, confidence: float | None, session: Session, lexicons: Sequence[Lexicon]
) -> Reading:
    sure = confidence if confidence is not None and 0 <= confidence <= 1 else ABSENT_CONFIDENCE
    said = fold(text)
    if not said:
        return Missed("silence")
    if "*" in said or sure < min(lexicon.reject for lexicon in lexicons):
        return Missed("no_match")
    if isinstance(node, Menu):
        return _menu_words(node, said, session, lexicons)
    if isinstance(node, Collect) and node.speech and not session.keypad_only:
        return _spoken_entry(node, text, said, sure, lexicons)
    return Missed("no_match")


def _menu_words(node: Menu, said: str, session: Session, lexicons: Sequence[Lexicon]) -> Reading:
    for lexicon in lexicons:
        digits = spoken_digits(said, lexicon)
        if digits is not None and len(digits) == 1:
            return _keys(node, digits, session)
    outcomes = [*node.options.values(), *EVERYWHERE, "leave"]
    meant = {o for lexicon in lexicons for o in phrases_in(said, outcomes, lexicon)}
    if len(meant) != 1:
        return Missed("no_match")
    outcome = meant.pop()
    if outcome == "repeat":
        return Repeat()
    return _chosen(node, outcome)


def _chosen(node: Menu, outcome: str) -> Answered:
    kept = "language" if node.languages else None if node.choices else node.into
    return Answered(outcome, {kept: outcome} if kept and outcome in node.options.values() else {})


def _spoken_entry(node: Collect, text: str, said: str, sure: float, lexicons: Sequence[Lexicon]) -> Reading:
    if node.kind != "name":  # a name may be a word that means something else here
        meant = {o for lexicon in lexicons for o in EVERYWHERE if said in lexicon.phrases.get(o, ())}
        if meant:
            return Repeat() if meant == {"repeat"} else Answered("person")
    if node.kind in ("number", "confirmation"):
        digits = next((d for lexicon in lexicons if (d := spoken_digits(said, lexicon))), "")
        return _entry(node, digits) if digits else Missed("no_match")
    return Answered("ok", _kept(node, text.strip(), "speech", sure))


def spoken_digits(said: str, lexicon: Lexicon) -> str | None:
    """The digits of folded speech that holds nothing else, None where it holds other words.

    A homophone counts among several digits only: "for" alone is no key 4.

    >>> spoken_digits("two oh 2", Lexicon({}, {"two": "2", "oh": "0"}))
    '202'
    """
    words = [word for word in said.split() if word not in lexicon.phrases.get("filler", ())]
    known = lexicon.digits if len(words) == 1 else {**lexicon.homophones, **lexicon.digits}
    digits = [word if word.isdecimal() else known.get(word) for word in words]
    return "".join(d for d in digits if d) if digits and all(digits) else None


def phrases_in(said: str, outcomes: Iterable[str], lexicon: Lexicon) -> set[str]:
    """The outcomes whose phrases are the whole of what was said or, where none is, stand in it as whole words."""
    wanted = list(dict.fromkeys(outcomes))
    exact = {o for o in wanted if said in lexicon.phrases.get(o, ())}
    if exact:
        return exact
    padded = f" {said} "
    return {o for o in wanted if any(f" {phrase} " in padded for phrase in lexicon.phrases.get(o, ()))}
