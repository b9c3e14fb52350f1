"""Countries of birth as recorded, said, keyed and read back."""

from __future__ import annotations

import pycountry
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules import countries, keypad, tables
from hotline.rules.names import fold

BOTH = ("en", "es")
ISO = {country.alpha_2 for country in pycountry.countries}
FORMER = {country.alpha_4 for country in pycountry.historic_countries}
# People say these for more than one country, or for the country of today.
SHARED = {"BQ", "BUMM", "DM", "GN", "MF", "SD", "WS"}


def test_every_country_of_iso_3166_and_every_former_one_is_known() -> None:
    assert countries.codes() == ISO | FORMER | {"XK"}


def test_every_country_has_a_spoken_name_that_leads_back_to_it() -> None:
    for code in countries.codes():
        for language in BOTH:
            said = countries.name(code, language)
            assert said
            assert not set(said) & set("&(),;")
            found = countries.recognise(said, BOTH)
            assert found == (code,) or code in SHARED, (code, said, found)
            assert set(found) & countries.equivalent(code), (code, said)


def test_every_country_is_found_by_the_keys_of_its_whole_name() -> None:
    for code in countries.codes():
        for language in BOTH:
            keys = keypad.digits_of(countries.name(code, language))
            found = countries.by_keys(keys, BOTH)
            assert code in found, (code, language, found)


def test_every_row_about_countries_names_a_real_one() -> None:
    rows = tables.read("countries")
    assert len(set(rows)) == len(rows)
    for code, language, kind, text in rows:
        assert code in countries.codes() or (code, kind) in (("-", "around"), ("-", "region"))
        assert language in BOTH
        assert kind in ("name", "alias", "either", "demonym", "around", "region")
        assert fold(text)
    for code, successors, english, spanish, _ in tables.read("former_countries"):
        assert code in FORMER
        assert set(successors.split()) <= ISO | FORMER | {"XK"}
        assert english
        assert spanish


def test_every_other_name_in_the_table_leads_to_its_country() -> None:
    for code, language, kind, text in tables.read("countries"):
        if kind in ("name", "alias", "either"):
            assert code in countries.recognise(text, (language,)), text
            assert countries.from_feed(text) is not None


def test_every_citizenship_in_the_table_is_asked_again_unless_it_is_a_country() -> None:
    for _, _, kind, text in tables.read("countries"):
        if kind == "demonym":
            assert countries.is_demonym(text) or countries.certain(text, BOTH), text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("GT", "GT"),
        (" gtm ", "GT"),
        ("Guatemala", "GT"),
        ("GUATEMALA", "GT"),
        ("México", "MX"),
        ("CHINA, PEOPLES REPUBLIC OF", "CN"),
        ("MYANMAR (BURMA)", "MM"),
        ("COTE D'IVOIRE", "CI"),
        ("Viet-Nam", "VN"),
        ("Korea, Republic of", "KR"),
        ("KOREA", "KR"),
        ("CONGO", "CG"),
        ("Congo, The Democratic Republic of the", "CD"),
        ("TANZANIA", "TZ"),
        ("ST. LUCIA", "LC"),
        ("TRINIDAD & TOBAGO", "TT"),
        ("KOSOVO", "XK"),
        ("USSR", "SUHH"),
        ("Soviet Union", "SUHH"),
        ("SUN", "SUHH"),
        ("SUHH", "SUHH"),
        ("SU", "SUHH"),
        ("YUGOSLAVIA", "YUCS"),
        ("SERBIA AND MONTENEGRO", "CSXX"),
        ("SCG", "CSXX"),
        ("CZECHOSLOVAKIA", "CSHH"),
        ("GERMAN DEMOCRATIC REPUBLIC", "DDDE"),
        ("ANT", "ANHH"),
        ("SUDAN", "SD"),
        ("NIGER", "NE"),
        ("CS", None),
        ("ZZ", None),
        ("Narnia", None),
        ("Guatemal", None),
        ("Mexican", None),
        ("the", None),
        ("", None),
    ],
)
def test_the_feed_names_a_country_by_code_or_name(text: str, code: str | None) -> None:
    assert countries.from_feed(text) == code


def test_every_code_of_the_feed_is_read_as_itself() -> None:
    for country in pycountry.countries:
        assert countries.from_feed(country.alpha_2) == country.alpha_2
        assert countries.from_feed(country.alpha_3) == country.alpha_2
        assert countries.from_feed(country.name) == country.alpha_2
    for country in pycountry.historic_countries:
        assert countries.from_feed(country.alpha_4) == country.alpha_4


@pytest.mark.parametrize(
    ("code", "language", "said"),
    [
        ("GT", "en", "Guatemala"),
        ("MX", "es", "México"),
        ("US", "en-US", "the United States"),
        ("CD", "en", "the Democratic Republic of the Congo"),
        ("CI", "es-MX", "Costa de Marfil"),
        ("LC", "en", "Saint Lucia"),
        ("TT", "en", "Trinidad and Tobago"),
        ("SUHH", "en", "the Soviet Union"),
        ("SUHH", "es", "la Unión Soviética"),
        ("DE", "fr", "Allemagne"),
        ("BR", "pt-BR", "Brasil"),
        ("GT", "xx-unknown", "Guatemala"),
    ],
)
def test_a_country_is_read_back_as_people_say_it(code: str, language: str, said: str) -> None:
    assert countries.name(code, language) == said


def test_a_country_that_is_none_has_no_name() -> None:
    with pytest.raises(KeyError):
        countries.name("ZZ", "en")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Guatemala.", "GT"),
        ("He's from El Salvador", "SV"),
        ("Salvador", "SV"),
        ("la república de Honduras", "HN"),
        ("Nació en Venezuela", "VE"),
        ("uh, Haiti", "HT"),
        ("República Dominicana", "DO"),
        ("the Dominican Republic", "DO"),
        ("Mejico", "MX"),
        ("Ondura", "HN"),
        ("Brasil", "BR"),
        ("Brazil", "BR"),
        ("Niger", "NE"),
        ("Nigeria", "NG"),
        ("Austria", "AT"),
        ("Australia", "AU"),
        ("Mali", "ML"),
        ("Iran", "IR"),
        ("St. Lucia", "LC"),
        ("trinidad tobago", "TT"),
        ("Costa de Marfil", "CI"),
        ("Viet Nam", "VN"),
        ("China", "CN"),
        ("la India", "IN"),
        ("the U.S.", "US"),
        ("England", "GB"),
        ("Unión Soviética", "SUHH"),
        ("Burma", "MM"),
        ("South Korea", "KR"),
        ("Sudán del Sur", "SS"),
        ("Guinea Bissau", "GW"),
        ("República Democrática del Congo", "CD"),
    ],
)
def test_a_country_said_plainly_is_that_country_and_no_other(text: str, code: str) -> None:
    assert countries.recognise(text, BOTH) == (code,)
    assert countries.certain(text, BOTH)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Congo", {"CD", "CG"}),
        ("Corea", {"KR", "KP"}),
        ("Korea", {"KR", "KP"}),
        ("Guinea", {"GN", "GW", "GQ"}),
        ("Sudan", {"SD", "SS"}),
        ("Dominica", {"DM", "DO"}),
        ("Virgin Islands", {"VI", "VG"}),
    ],
)
def test_a_name_that_people_use_for_several_countries_offers_them_all(text: str, codes: set[str]) -> None:
    assert set(countries.recognise(text, BOTH)) == codes
    assert not countries.certain(text, BOTH)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Gwatemala", "GT"), ("Watemala", "GT"), ("Benesuela", "VE"), ("Ekuador", "EC"), ("Columbia", "CO"),
        ("Nicaragwa", "NI"), ("El Salbador", "SV"), ("Philipines", "PH"), ("Senegall", "SN"),
        ("Cameroun", "CM"),
        ("Kazakstan", "KZ"), ("Nijeria", "NG"), ("Equador", "EC"), ("Hondoras", "HN"), ("Jamayca", "JM"),
    ],
)  # fmt: skip
def test_a_country_spelled_nearly_so_is_offered_for_confirmation(text: str, code: str) -> None:
    found = countries.recognise(text, BOTH)
    assert code in found
    assert len(found) <= countries.CHOICES
    assert countries.certain(text, BOTH) is (text == "Kazakstan")


@pytest.mark.parametrize(
    "text",
    ["", "...", "I don't know", "pizza", "my cousin", "no", "xyzzy", "Africa", "from Central America"],
)
def test_an_answer_that_names_no_country_gives_none(text: str) -> None:
    assert countries.recognise(text, BOTH) == ()
    assert not countries.certain(text, BOTH)


@pytest.mark.parametrize(
    "text", ["mexicana", "Guatemalan", "He's Honduran", "es hondureño", "Salvadorans", "chino", "Dominican"]
)
def test_a_citizenship_is_no_country_of_birth(text: str) -> None:
    assert countries.is_demonym(text)
    assert countries.recognise(text, BOTH) == ()


@pytest.mark.parametrize("text", ["China", "la Argentina", "India", "Guatemala", "Mexico", "pizza", ""])
def test_a_country_is_never_taken_for_a_citizenship(text: str) -> None:
    assert not countries.is_demonym(text)


@given(st.text(max_size=30), st.sampled_from([("en",), ("es",), BOTH, ("fr", "en"), ("xx",)]))
@settings(max_examples=150, deadline=None)
def test_no_answer_breaks_the_recognition(text: str, languages: tuple[str, ...]) -> None:
    found = countries.recognise(text, languages)
    assert len(found) == len(set(found)) <= countries.CHOICES
    assert set(found) <= countries.codes()


@pytest.mark.parametrize(
    ("keys", "first"),
    [
        ("48283", "GT"),
        ("482", "GT"),
        ("639", "MX"),
        ("63942", "MX"),
        ("725823067", "SV"),
        ("35725823067", "SV"),
        ("64437", "NE"),
        ("6443742", "NG"),
        ("872", "US"),
        ("466", "HN"),
        ("36646", "DO"),
    ],
)
def test_three_keys_or_more_find_a_country_the_commonest_origin_first(keys: str, first: str) -> None:
    found = countries.by_keys(keys, BOTH)
    assert found[:1] == (first,), found


@pytest.mark.parametrize("keys", ["", "4", "48", "480", "00048", "999999", "48a", "*82", "482838622"])
def test_fewer_than_three_keys_or_nonsense_find_nothing(keys: str) -> None:
    assert countries.by_keys(keys, BOTH) == ()


@given(st.sampled_from(sorted(ISO)), st.sampled_from(BOTH), st.integers(3, 12))
@settings(max_examples=100, deadline=None)
def test_what_keys_find_begins_with_them(code: str, language: str, length: int) -> None:
    keys = keypad.digits_of(countries.name(code, language))[:length]
    found = countries.by_keys(keys, BOTH)
    assert 1 <= len(found) <= countries.CHOICES or len(keys) < 3


@pytest.mark.parametrize(
    ("code", "same"),
    [
        ("GT", {"GT"}),
        ("RU", {"RU", "SUHH"}),
        ("CZ", {"CZ", "CSHH"}),
        ("RS", {"RS", "XK", "YUCS", "CSXX"}),
        ("DDDE", {"DDDE", "DE"}),
        ("SS", {"SS", "SD"}),
        ("ER", {"ER", "ET"}),
        ("MM", {"MM", "BUMM"}),
    ],
)
def test_a_birthplace_may_be_recorded_under_its_former_country(code: str, same: set[str]) -> None:
    assert countries.equivalent(code) == same


def test_what_is_recorded_for_one_is_found_from_the_other_side_too() -> None:
    for code in countries.codes():
        for other in countries.equivalent(code):
            assert code in countries.equivalent(other)
