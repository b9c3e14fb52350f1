"""Recorded names as words with their parts, in every tradition."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules import name_words, tables, variants
from hotline.rules.name_kinds import Kind, Token, recorded
from hotline.rules.names import fold

_KINDS = {
    "g": Kind.GIVEN, "f": Kind.PATRONYMIC, "p": Kind.PATERNAL, "m": Kind.MATERNAL, "s": Kind.PARTICLE, "x": Kind.SUFFIX,
}  # fmt: skip


def _tokens(written: str) -> tuple[Token, ...]:
    """ "juan/g perez/p" as tokens; f a father's name, s a small word, x a suffix."""
    return tuple(Token(text, _KINDS[kind]) for text, kind in (word.split("/") for word in written.split()))


@pytest.mark.parametrize(
    ("given_names", "surnames", "country", "tokens"),
    [
        # Spanish: father's surname, then mother's
        ("Juan Carlos", "Pérez Morales", "MX", "juan/g carlos/g perez/p morales/m"),
        ("María del Carmen", "de la Cruz San Martín", "GT", "maria/g del/s carmen/g de/s la/s cruz/p san/m martin/m"),
        ("ANA", "GARCÍA Y VEGA", "ES", "ana/g garcia/p y/s vega/m"),
        ("Juan Carlos Pérez Morales", "", "HN", "juan/g carlos/g perez/p morales/m"),
        ("Juan Pérez", "", "HN", "juan/g perez/p"),
        ("Pérez Morales, Juan", "", "HN", "juan/g perez/p morales/m"),
        ("", "Pérez Morales, Juan", "HN", "juan/g perez/p morales/m"),
        ("", "Quispe Mamani", "PE", "quispe/p mamani/m"),
        ("María", "López vda. de García", "MX", "maria/g lopez/p vda/x de/s garcia/m"),
        ("Juan", "Pérez Hijo", "AR", "juan/g perez/p hijo/x"),
        ("Juan", "de la O", "MX", "juan/g de/s la/s o/p"),
        ("J. Jesús", "O Connor", "MX", "j/g jesus/g oconnor/p"),
        ("José E.", "Pérez", "CU", "jose/g e/g perez/p"),
        ("De", "La", "ES", "de/g la/p"),
        # Portuguese: the last surname leads
        ("João", "da Silva Santos", "BR", "joao/g da/s silva/m santos/p"),
        ("José", "Souza Neto", "BR", "jose/g souza/p neto/x"),
        ("José", "Neto", "BR", "jose/g neto/p"),
        ("Paulo", "Costa Filho", "BR", "paulo/g costa/p filho/x"),
        ("João Pedro da Silva Santos", "", "BR", "joao/g pedro/g da/s silva/m santos/p"),
        # Haitian and French
        ("Jean-Claude", "Jean-Baptiste", "HT", "jean/g claude/g jean/p baptiste/p"),
        ("Junior", "Pierre", "HT", "junior/g pierre/p"),
        ("Wilson", "Pierre Junior", "HT", "wilson/g pierre/p junior/x"),
        ("Fatou", "Diop épouse Ndiaye", "SN", "fatou/g diop/p epouse/x ndiaye/m"),
        # English
        ("Juan Jr.", "Pérez", "US", "juan/g jr/x perez/p"),
        ("Juan", "Jr", "US", "juan/g jr/x"),
        ("Sean", "Mc Kay III", "IE", "sean/g mckay/p iii/x"),
        ("Sean Patrick O'Brien", "", "IE", "sean/g patrick/g obrien/p"),
        # Chinese, Korean, Vietnamese: the family name first where a name is in one field
        ("Wei", "Zhang", "CN", "wei/g zhang/p"),
        ("", "Zhang Jie", "CN", "jie/g zhang/p"),
        ("Xiaoming Wang", "", "CN", "xiaoming/g wang/p"),
        ("小明", "王", "CN", "xiaoming/g wang/p"),
        ("王小明", "", "CN", "xiaoming/g wang/p"),
        ("", "欧阳娜娜", "CN", "nana/g ouyang/p"),
        ("Na", "Li", "CN", "na/g li/p"),
        ("", "이영희", "KR", "younghee/g lee/p"),
        ("민수", "김", "KR", "minsu/g kim/p"),
        ("Thị Ánh", "Nguyễn", "VN", "thi/s anh/g nguyen/p"),
        ("Nguyễn Văn Anh", "", "VN", "van/s anh/g nguyen/p"),
        ("Anh Thi", "Nguyen", "VN", "anh/g thi/s nguyen/p"),
        ("Van", "Do", "VN", "van/g do/p"),
        # Arabic
        ("Abd al-Rahman", "El-Sayed", "EG", "abdulrahman/g el/s sayed/p"),
        ("Abd ar-Rahman", "as-Sayed", "SY", "abdulrahman/g as/s sayed/p"),
        ("Abdul Rahman", "Khan", "AF", "abdulrahman/g khan/p"),
        ("Mohamed", "Ahmed Ali Hassan", "EG", "mohamed/g ahmed/f ali/f hassan/p"),
        ("Nur al-Din", "bin Yusuf", "SY", "nuraldin/g bin/s yusuf/f"),
        ("Abu Bakr", "al-Baghdadi", "IQ", "abubakr/g al/s baghdadi/p"),
        ("Mohamed", "Ahmed Ould Ely", "MR", "mohamed/g ahmed/f ould/s ely/f"),
        ("عبد الرحمن", "المصري", "EG", "abdulrahman/g masri/p"),
        ("محمد", "السيد", "EG", "mohamed/g sayed/p"),
        # Russian, Ukrainian, Central Asian
        ("Ivan Petrovich", "Sidorov", "RU", "ivan/g petrovich/f sidorov/p"),
        ("Анна Сергеевна", "Иванова", "RU", "anna/g sergeevna/f ivanova/p"),
        ("Петренко Олександр Іванович", "", "UA", "oleksandr/g ivanovych/f petrenko/p"),
        ("Ivan Petrovich", "", "RU", "ivan/g petrovich/p"),
        ("Ali Hasan oglu", "Mammadov", "AZ", "ali/g hasan/f oglu/s mammadov/p"),
        ("Marko", "Petrovich", "RS", "marko/g petrovich/p"),
        # Punjabi
        ("Gurpreet Singh", "Gill", "IN", "gurpreet/g singh/g gill/p"),
        ("Gurpreet", "Singh", "IN", "gurpreet/g singh/p"),
        ("Harpreet", "Kaur Sandhu", "IN", "harpreet/g kaur/g sandhu/p"),
        ("ਗੁਰਪ੍ਰੀਤ", "ਸਿੰਘ", "IN", "gurprit/g singh/p"),
        # African
        ("Kofi", "Mensah", "GH", "kofi/g mensah/p"),
        ("Oluwaseun Adebayo", "Okonkwo", "NG", "oluwaseun/g adebayo/g okonkwo/p"),
        ("Abebe", "Bekele Tesfaye", "ET", "abebe/g bekele/f tesfaye/f"),
        ("", "Abebe Bekele Tesfaye", "ET", "abebe/g bekele/f tesfaye/f"),
        ("Gebre Medhin", "Haile Mariam", "ER", "gebremedhin/g hailemariam/f"),
        ("Mohamed", "Abdi Rahman", "SO", "mohamed/g abdirahman/f"),
        ("አበበ", "ተስፋዬ", "ET", "abebe/g tesfaye/f"),
        # one name, or less
        ("Suharto", "", "ID", "suharto/g"),
        ("FNU", "Singh", "IN", "singh/p"),
        ("Abdullah", "LNU", "AF", "abdullah/g"),
        ("Sin Nombre", "García", "MX", "garcia/p"),
        ("Mr. Juan", "No Last Name Given", "MX", "juan/g"),
        ("Jr", "", "US", "jr/g"),
    ],
)  # fmt: skip
def test_a_recorded_name_is_read_as_its_tradition_writes_it(
    given_names: str, surnames: str, country: str, tokens: str
) -> None:
    assert recorded(given_names, surnames, country) == _tokens(tokens)


@pytest.mark.parametrize(
    ("given_names", "surnames"),
    [
        ("", ""), ("  ", "..."), ("N. N.", "Unknown"), ("XXX", "XXX"), ("FNU", "LNU"), ("FNU LNU", ""),
        ("No Name", ""), ("Sin Nombre", "Sin Apellido"), ("N/A", "None"), ("...", ","), ("Desconocido", ""),
    ],
)  # fmt: skip
def test_a_record_without_a_name_has_no_words(given_names: str, surnames: str) -> None:
    assert recorded(given_names, surnames, "MX") == ()


@pytest.mark.parametrize("country", ["ZZ", "", "mx", "Mexico"])
def test_an_unknown_country_has_given_names_and_one_surname(country: str) -> None:
    assert recorded("Ana María", "Pérez Gómez", country) == _tokens("ana/g maria/g perez/p gomez/p")


def test_every_filler_is_dropped_and_the_name_beside_it_stays() -> None:
    rows = tables.read("name_fillers")
    assert len({words for words, _ in rows}) == len(rows)
    for words, where in rows:
        assert fold(words) == words != ""
        assert where in ("anywhere", "field", "western", "title")
        assert recorded(words.upper(), "Quispe", "MX")[-1:] == _tokens("quispe/p")
        if where == "title":
            assert recorded(f"{words}. Ana", "Quispe", "MX") == _tokens("ana/g quispe/p")
        else:
            assert recorded(words.upper(), "Quispe", "MX") == _tokens("quispe/p")
            assert recorded("Ana", words.upper(), "MX") == _tokens("ana/g")
        if where == "anywhere":
            assert recorded(f"Ana {words}", "Quispe", "MX") == _tokens("ana/g quispe/p")


_HOME = {"any": "US", "spanish": "MX", "portuguese": "BR", "french": "HT"}


def test_every_suffix_is_told_from_the_surname() -> None:
    rows = tables.read("suffixes")
    assert len({word for word, _, _ in rows}) == len(rows)
    for word, kind, tongue in rows:
        assert fold(word) == word
        assert kind in ("generation", "name", "marriage", "birth")
        at_end = recorded("Ana", f"Quispe {word}", _HOME[tongue])
        before = recorded("Ana", f"Quispe {word} Vargas", _HOME[tongue])
        if kind in ("generation", "name"):
            assert at_end == _tokens(f"ana/g quispe/p {word}/x")
        else:
            assert before == _tokens(f"ana/g quispe/p {word}/x vargas/m")


def test_every_compound_is_one_word() -> None:
    for firsts, seconds, where in tables.read("compounds"):
        assert where in ("any", "surname")
        for word in (*firsts.split(), *seconds.replace("*", "").split()):
            assert fold(word) == word
        for first in firsts.split():
            for second in seconds.replace("*", "quispe").split():
                assert [token.text for token in recorded("Ana", f"{first} {second}", "US")] == ["ana", first + second]
                if where == "any":
                    assert recorded(f"{first} {second}", "Vargas", "US")[0] == Token(first + second, Kind.GIVEN)


def test_every_small_word_of_one_tradition_is_small_there() -> None:
    for word, kind in tables.read("particles"):
        if kind == "article":
            assert recorded("Omar", f"{word} Quispe", "EG") == _tokens(f"omar/g {word}/s quispe/p")
        elif kind == "child":
            assert recorded(f"Ali Rustam {word}", "Aliyev", "AZ") == _tokens(f"ali/g rustam/f {word}/s aliyev/p")
        elif kind == "middle":
            assert recorded(f"{word} Anh", "Nguyen", "VN") == _tokens(f"{word}/s anh/g nguyen/p")


def test_every_country_builds_names_in_one_way() -> None:
    countries = [country for _, listed in tables.read("name_traditions") for country in listed.split()]
    assert len(set(countries)) == len(countries)
    assert all(len(country) == 2 and country.isupper() for country in countries)
    for tradition, listed in tables.read("name_traditions"):
        assert all(name_words.tradition(country) == tradition for country in listed.split())


@pytest.mark.parametrize(
    ("one", "other"), [("Abd al-Rahman", "Abdul Rahman"), ("Nur al-Din", "Noureddine"), ("Abu Bakr", "Aboubacar")]
)
def test_a_name_written_apart_is_the_one_written_together(one: str, other: str) -> None:
    first, second = (recorded(name, "", "EG")[0].text for name in (one, other))
    assert variants.same_name(first, second)


_TRICKY = [
    "de",
    "la",
    "Abd",
    "al",
    "Jr",
    "FNU",
    "O.",
    ",",
    "San",
    "bin",
    "oglu",
    "王小明",
    "عبد",
    "Pérez",
    "vda",
    "thi",
    "ਸਿੰਘ",
]
_FIELD = st.one_of(st.text(max_size=25), st.lists(st.sampled_from(_TRICKY), max_size=7).map(" ".join))


@given(_FIELD, _FIELD, st.sampled_from(["MX", "BR", "CN", "KR", "VN", "EG", "RU", "ET", "IN", "HT", "US", ""]))
@settings(max_examples=300, deadline=None)
def test_any_record_becomes_plain_words_always_the_same(given_names: str, surnames: str, country: str) -> None:
    tokens = recorded(given_names, surnames, country)
    assert tokens == recorded(given_names, surnames, country)
    assert all(token.text and " " not in token.text and fold(token.text) == token.text for token in tokens)
