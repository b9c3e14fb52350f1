"""Names in other scripts as their bearers write them in Latin letters, where letter by letter would not do.

Arabic and Indic scripts leave vowels out, Ukrainian reads two letters unlike Russian, Chinese and Korean write a
name without blanks. Thai, Burmese and Khmer, and Japanese names in Chinese characters, stay as anyascii has them.
"""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii

from hotline.rules import variants
from hotline.rules.names import fold

_ARABIC = re.compile(r"[\u0600-\u06ff]")
_ARABIC_MARKS = re.compile(r"[\u064b-\u065f\u0670\u0640\u200c\u200d]")
_ARABIC_ARTICLE = "ال"
_SERVANT = "عبد"
_VOWELS = str.maketrans(
    {"ا": "a", "أ": "a", "إ": "i", "آ": "a", "ع": "a", "ى": "a", "ة": "a", "ء": "", "ؤ": "u", "ئ": "i"}
)
_LONG = re.compile(r"(?<=[^aeiouwy])([wy])(?=[^aeiou]|$)")
_SILENT_H = re.compile(r"(?<=..[^اوي])ه$")
# Where consonants meet at an end of an Arabic word, a vowel was left out: a, the commonest, stands for it.
_CONSONANT = r"((?>[cdgkstz]h|[^aeiou]))"
_FIRST_PAIR = re.compile(rf"^{_CONSONANT}(?=[^aeiou])")
_LAST_PAIR = re.compile(rf"{_CONSONANT}{_CONSONANT}$")
_UKRAINIAN = re.compile(r"[іїєґІЇЄҐ]")
_UKRAINIAN_LETTERS = str.maketrans("гГиИ", "hHyY")
_HAN_OR_HANGUL = re.compile(r"[\u3400-\u9fff\uac00-\ud7a3]{2,}")
_INDIC = re.compile(r"[\u0900-\u0d7f]")
_BLOCK = 0x80
_DRAVIDIAN = 0x0B80
_CONSONANTS = range(0x15, 0x3A)
_VOWEL_SIGNS = range(0x3E, 0x4D)
_VIRAMA, _NUKTA = 0x4D, 0x3C
_NASALS = (0x01, 0x02, 0x70)
_SIBILANTS = (0x36, 0x37)
_VOCALIC_R = 0x43
_SILENT = re.compile(r"(?<=[aeiouA])([^aeiouA]+)A(?=[^aeiouA]+[aeiouA])")


def latin(text: str, country: str = "") -> str:
    """The folded text of a name in any script; `country` is ISO 3166-1 alpha-2, or "" where not known."""
    if text.isascii():
        return fold(text)
    plain = unicodedata.normalize("NFC", text)
    return fold(" ".join(_word(word, country) for word in plain.split()))


def apart(text: str) -> str:
    """A whole name in Chinese characters or Hangul with a blank after the surname; any other text as it is."""
    bare = text.strip()
    if not _HAN_OR_HANGUL.fullmatch(bare):
        return text
    double = len(bare) > 2 and variants.from_script(bare[:2]) is not None
    return f"{bare[:2]} {bare[2:]}" if double else f"{bare[:1]} {bare[1:]}"


def _word(word: str, country: str) -> str:
    if listed := variants.from_script(word):
        return listed
    if _ARABIC.search(word):
        return _arabic(_ARABIC_MARKS.sub("", word))
    if _INDIC.search(word):
        return _indic(word)
    if country == "UA" or _UKRAINIAN.search(word):
        return word.translate(_UKRAINIAN_LETTERS)
    return word


def _arabic(word: str) -> str:
    """A word of Arabic or Persian: listed, or an article and a name, or its letters with the long vowels."""
    if listed := variants.from_script(word):
        return listed
    if word == _SERVANT:
        return "abd"
    article = _SERVANT + _ARABIC_ARTICLE
    if word.startswith(article) and len(word) > len(article):
        return f"abdul{_arabic(word.removeprefix(article))}"
    if word.startswith(_ARABIC_ARTICLE) and len(word) > len(_ARABIC_ARTICLE) + 1:
        return f"al {_arabic(word.removeprefix(_ARABIC_ARTICLE))}"
    ending = _SILENT_H.sub("ة", word)
    letters = _LONG.sub(lambda long: "u" if long[1] == "w" else "i", anyascii(ending.translate(_VOWELS)).lower())
    return _LAST_PAIR.sub(r"\1a\2", _FIRST_PAIR.sub(r"\1a", letters))


def _indic(word: str) -> str:
    """A word of an Indic script with the vowel that its consonants carry, but where northern speech drops it.

    The blocks of Unicode from Devanagari to Malayalam hold the same letters in the same places.
    """
    out = []
    for at, sign in enumerate(word):
        place = ord(sign) % _BLOCK
        following = word[at + 1 : at + 2]
        if place in _NASALS and _INDIC.match(sign):
            out.append("n")
        elif place == _VOCALIC_R and _INDIC.match(sign):
            out.append("ri")
        elif place in _CONSONANTS and _INDIC.match(sign):
            out.append("sh" if place in _SIBILANTS else anyascii(sign).lower())
            if not following:
                out.append("a" if _is_southern(word) else "")
            elif ord(following) % _BLOCK not in (*_VOWEL_SIGNS, _VIRAMA, _NUKTA):
                out.append("A")
        else:
            out.append(anyascii(sign).lower())
    spelled = "".join(out)
    return spelled.lower() if _is_southern(word) else _SILENT.sub(r"\1", spelled).lower()


def _is_southern(word: str) -> bool:
    return any(ord(sign) >= _DRAVIDIAN for sign in word)
