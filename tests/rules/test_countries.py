"""Countries of birth as recorded, said, keyed and read back."""

from __future__ import annotations

import pycountry
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules import countries, country_names, keypad, tables
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
        assert kind in ("name", "alias", "either", "heard", "demonym", "around", "region")
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


def test_every_way_a_name_is_misheard_and_every_town_leads_to_its_country_and_is_confirmed() -> None:
    for code, _, kind, text in tables.read("countries"):
        if kind == "heard":
            assert countries.recognise(text, BOTH) == (code,), text
            assert not countries.certain(text, BOTH)


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


# What recognisers write for countries said by callers in English and Spanish.
HEARD = {
    "GT": "Guatemala; guate mala; watta mala; gwatemala; what a mala; water mala; guatamala; Guatemela; huate mala; "
    "guatemalla; what the mala; he was born in Guatemala; soy de guatemala; i think guatemala; um guatemala; "
    "guatemala please; guatemala i believe; guatemala central america; guatemala guatemala; guatemala city "
    "guatemala",
    "SV": "el sal vador; el salvador; elsalvador; L Salvador; all salvador; el salvadore; salvadore; el savador; El "
    "Salbador; sal vador; hell salvador; es de el salvador; la republica de el salvador; del salvador; san "
    "salvador; san salvador el salvador",
    "HN": "hondo ras; honda rust; hunduras; hondurus; Ondura; honda; on duras; hon duras; undooras; nació en "
    "Honduras; he is from the country of honduras; creo que honduras; it's honduras; su pais es honduras; "
    "honduras centroamerica; tegucigalpa honduras; tegucigalpa; san pedro sula; no, honduras",
    "MX": "mejico; mexico; meh he co; me hico; meksico; estados unidos mexicanos; mexico city; maxico; from mexico; "
    "de mexico; mexico i think; in mexico; the country is mexico; el pais es mexico; mexico, michoacan; oaxaca "
    "mexico; puebla mexico; tijuana; juarez",
    "NI": "nicker agua; nicaragua; nicaragwa; nica ragua; knicker agua; nick a rag wa; nicaraua; neek a rag wa; "
    "nicaragua nicaragua; managua",
    "HT": "hay tea; haiti; ha iti; hate e; high tea; hey tea; i t; aiti; haity; hi tea; hay ti; Ayiti; hyte; she "
    "came from haiti; port au prince",
    "EC": "equador; ecuador; ekwador; a quador; echo door; equa door; ecuadore; el ecuador; quito",
    "BZ": "beliz; belize; belice; belees; bull ease; believes; be lease; bellies; ballise",
    "CU": "cuber; cuba; q ba; kuba; cuva; he's originally from cuba; havana; la habana",
    "VE": "venezuela; benesuela; venezwela; vene zuela; venice way la; bene suela; venezuala; caracas",
    "CO": "colombia; columbia; kolombia; colom bia; clombia; bogota",
    "PE": "peru; pair rue; perou; per you; pay rue; el peru; piru; republica del peru; lima peru",
    "BR": "brazil; brasil; brazeal; bra sil; brassil",
    "CL": "chile; chili; chilly; chee lay; chille",
    "BO": "bolivia; balivia; bo livia; olivia",
    "AR": "argentina; argen tina; arjentina; la argentina",
    "CR": "costa rica; coasta rica; costarica; cost a rica; costa rika",
    "PA": "panama; panamá; pana ma; panamah; pan ama",
    "DO": "dominican republic; republica dominicana; la dominicana; santo domingo; the d r; dominican rep; domincan "
    "republic",
    "JM": "jamaica; jamaika; jamayca; ha mica; jama ica; jamaca; kingston jamaica",
    "PH": "philippines; filipinas; the phillipines; fillipines; phillip pines; filipines; islas filipinas; "
    "pilipinas; manila",
    "CN": "china; chyna; chaina; people's republic of china; beijing",
    "TW": "republic of china; taiwan",
    "IN": "india; indya; la india; bharat; punjab",
    "VN": "vietnam vietnam; viet nam; vietnam nam; yet nam; vienam; biet nam; be at nam; veetnam; hanoi; saigon",
    "SL": "sierra leon; sierra leone; sera leone; sierra leona; cierra leon",
    "GW": "guinea bissau; guinea bisau; guinea bisao; ginny bissau; guinea-bissau; guinee bissau",
    "GN": "guinea conakry; guinea conacri; guinea konakri",
    "GQ": "equatorial guinea; guinea ecuatorial; ecuatorial guinea",
    "NE": "niger; nigger; the niger",
    "NG": "nigeria; nai jeria; lagos",
    "ML": "mali",
    "MW": "malawi; malaui",
    "MV": "maldives; maldivas",
    "MY": "malaysia; malasia",
    "MT": "malta",
    "AT": "austria; hostria",
    "AU": "australia; austrailia",
    "SK": "slovakia; eslovaquia; slovak republic",
    "SI": "slovenia; eslovenia",
    "IR": "iran; i ran; eye ran",
    "IQ": "iraq; i rack; irak",
    "GE": "georgia; republic of georgia; country of georgia; jorja",
    "SN": "senegal; cenegal; sene gal; senegall; dakar",
    "MR": "mauritania; moritania; mary tania; more tania",
    "MU": "mauritius; mauricio",
    "GM": "gambia; the gambia",
    "ZM": "zambia",
    "GH": "ghana; gana; gonna; accra",
    "GY": "guyana",
    "GF": "french guiana; guayana francesa",
    "CM": "cameroon; camerun; camaroon; cameroun; camaron",
    "CD": "democratic republic of congo; d r c; d r congo; congo kinshasa; kinshasa",
    "CG": "republic of the congo; congo brazzaville; brazzaville",
    "ET": "ethiopia; etiopia; ethiopya",
    "ER": "eritrea; air trea; eritria",
    "SO": "somalia; so malia; somaliland; sumalia; mogadishu",
    "KE": "kenya; kenia; can ya; ken ya",
    "UG": "uganda; you ganda",
    "TZ": "tanzania; tansania",
    "RW": "rwanda; ruanda",
    "BI": "burundi",
    "SS": "south sudan; sudan del sur",
    "SD": "north sudan",
    "EG": "egypt; egipto",
    "MA": "morocco; marruecos",
    "DZ": "algeria; argelia",
    "TN": "tunisia; tunez",
    "LY": "libya; libia",
    "LR": "liberia; lyberia",
    "TG": "togo; to go",
    "BJ": "benin; ben in",
    "BF": "burkina faso; burkina; burkina fasso",
    "CI": "ivory coast; cote d'ivoire; costa de marfil; coat d'ivoire; cote de voir",
    "CV": "cape verde; cabo verde",
    "AO": "angola",
    "MZ": "mozambique",
    "ZA": "south africa; sudafrica",
    "ZW": "zimbabwe",
    "NA": "namibia",
    "BW": "botswana",
    "RU": "russia; rusia; rush a; rusha; moscow",
    "UA": "ukraine; ucrania; you crane; kiev",
    "BY": "belarus; bielorrusia; bella roos",
    "MD": "moldova; moldavia",
    "UZ": "uzbekistan; usbekistan; uzbek istan; ouzbekistan",
    "KZ": "kazakhstan; kasakstan; kazakstan",
    "KG": "kyrgyzstan; kirgistan; kyrgystan; kirguistan",
    "TJ": "tajikistan; tayikistan; tadjikistan",
    "TM": "turkmenistan",
    "AM": "armenia",
    "AZ": "azerbaijan; azerbaiyan; aserbaijan",
    "TR": "turkey; turquia; turkiye",
    "AF": "afghanistan; afganistan; kabul",
    "PK": "pakistan; paquistan; pack is stan",
    "BD": "bangladesh; bangla desh",
    "NP": "nepal; ne pal",
    "LK": "sri lanka; shri lanka",
    "BT": "bhutan",
    "SY": "syria; siria",
    "JO": "jordan; jordania",
    "LB": "lebanon; libano; el libano",
    "YE": "yemen",
    "PS": "palestine",
    "IL": "israel",
    "SA": "saudi arabia",
    "KW": "kuwait",
    "QA": "qatar",
    "AE": "united arab emirates",
    "KH": "cambodia; camboya",
    "LA": "laos; lao; lous",
    "MM": "burma; myanmar; me an mar; birmania",
    "TH": "thailand; tailandia; tie land",
    "ID": "indonesia",
    "SG": "singapore",
    "KR": "south korea; corea del sur",
    "KP": "north korea; corea del norte",
    "JP": "japan; japon",
    "MN": "mongolia",
    "HK": "hong kong",
    "RO": "romania; rumania",
    "PL": "poland; polonia",
    "AL": "albania",
    "XK": "kosovo",
    "RS": "serbia",
    "BA": "bosnia",
    "HR": "croatia; croacia",
    "MK": "macedonia",
    "BG": "bulgaria",
    "GR": "greece; grecia",
    "HU": "hungary; hungria",
    "CZ": "czech republic; check republic; republica checa",
    "GB": "united kingdom; england; reino unido; inglaterra",
    "ES": "spain; espana",
    "PT": "portugal",
    "IT": "italy; italia",
    "FR": "france; francia",
    "DE": "germany; alemania; west germany",
    "IE": "ireland; irlanda",
    "CA": "canada",
    "US": "united states; estados unidos; the u s a; usa",
    "PR": "puerto rico; porto rico",
    "TT": "trinidad; trinidad and tobago; trinidad tobago",
    "BS": "bahamas; the bahamas",
    "BB": "barbados",
    "LC": "saint lucia; santa lucia; st lucia",
    "VC": "saint vincent; saint vincent and the grenadines",
    "GD": "grenada; granada",
    "KN": "st kitts",
    "SR": "suriname; surinam",
    "AG": "antigua",
    "CW": "curacao",
    "KY": "cayman islands",
    "TC": "turks and caicos",
    "TO": "tonga",
    "FJ": "fiji",
    "MH": "marshall islands",
    "FM": "micronesia",
    "PW": "palau",
    "PG": "papua new guinea; papua nueva guinea",
    "SUHH": "soviet union; ussr; union sovietica",
    "YUCS": "yugoslavia",
    "CSHH": "czechoslovakia; checoslovaquia",
    "DDDE": "east germany",
    "ZRCD": "zaire",
    "PY": "paraguay; para guay",
    "UY": "uruguay; you are guay; urugway",
}  # fmt: skip


@pytest.mark.parametrize("code", HEARD)
def test_a_country_is_found_in_what_the_recogniser_made_of_it(code: str) -> None:
    for text in HEARD[code].split("; "):
        assert countries.recognise(text, BOTH) == (code,), text


def test_enough_of_what_recognisers_write_is_held_against_the_table() -> None:
    assert sum(len(texts.split("; ")) for texts in HEARD.values()) >= 400


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Guatemala or Honduras", ("GT", "HN")),
        ("not Mexico, Honduras", ("MX", "HN")),
        ("Guayana", ("GY", "GF")),
        ("Nijer", ("NG", "NE")),
        ("República de Dominica", ("DO", "DM")),
    ],
)
def test_an_answer_that_may_mean_several_countries_offers_them(text: str, codes: tuple[str, ...]) -> None:
    assert countries.recognise(text, BOTH) == codes
    assert not countries.certain(text, BOTH)


NEVER_MIXED = (
    "Niger;Nigeria", "Guinea-Bissau;Equatorial Guinea", "Guyana;Guinea Conakry", "Papua New Guinea;Guinea Ecuatorial",
    "Democratic Republic of the Congo;Congo Brazzaville", "North Korea;South Korea",
    "Iran;Iraq", "Irán;Irak", "Mali;Malawi", "Maldives;Malaysia", "Maldivas;Malasia", "Austria;Australia",
    "Slovakia;Slovenia", "Eslovaquia;Eslovenia", "South Sudan;North Sudan", "India;Indonesia", "China;Chile",
    "Gambia;Zambia", "Mauritania;Mauritius", "Libya;Lebanon", "Latvia;Lithuania", "Paraguay;Uruguay",
    
    "Ireland;Iceland", "Islandia;Irlanda", "Sweden;Switzerland", "Suecia;Suiza", "Georgia;Jordan", "Oman;Yemen",
    "Antigua;Anguilla", "Granada;Canada", "Cabo Verde;Costa Rica", "Hungary;Honduras", "Haiti;Tahiti", "Nepal;Senegal",
)  # fmt: skip


@pytest.mark.parametrize("pair", NEVER_MIXED)
def test_countries_that_sound_alike_are_never_taken_for_each_other(pair: str) -> None:
    one, other = (countries.recognise(text, BOTH) for text in pair.split(";"))
    assert not set(one) & set(other)


def test_georgia_is_the_country_without_a_question() -> None:
    assert countries.recognise("Georgia", BOTH) == ("GE",)
    assert countries.certain("Georgia", BOTH)


@pytest.mark.parametrize(
    "text",
    [
        "mexicanos", "mexicanas", "salvadoreñas", "ingleses", "inglesas", "alemana", "alemanes", "españoles", "iraníes",
        "a Mexican citizen", "he's a Honduran national", "Haitian people", "es ciudadana guatemalteca", "Punjabi",
        "de nacionalidad hondureña", "Puerto Rican", "Chinese guy", "Frenchmen", "nicaragüenses", "es un cubano",
    ],
)  # fmt: skip
def test_a_citizenship_of_any_gender_and_number_is_asked_again(text: str) -> None:
    assert countries.is_demonym(text)
    assert countries.recognise(text, BOTH) == ()


def test_the_sixty_commonest_origins_have_their_citizenships_in_both_languages() -> None:
    told = {(code, language) for code, language, kind, _ in tables.read("countries") if kind == "demonym"}
    commonest = sorted(countries.codes(), key=country_names.commonness)[:60]
    assert {(code, language) for code in commonest for language in BOTH} <= told


def test_no_country_said_by_its_name_is_taken_for_a_citizenship() -> None:
    for code in countries.codes():
        for language in BOTH:
            assert not countries.is_demonym(countries.name(code, language))


def test_a_name_that_comes_with_no_is_confirmed() -> None:
    assert countries.recognise("no, Honduras", BOTH) == ("HN",)
    assert not countries.certain("no, Honduras", BOTH)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("GT", "GT"), ("gt", "GT"), ("gtm", "GT"), ("Gtm", "GT"), ("guatemala", "GT"), ("México", "MX"),
        ("suhh", "SUHH"),
        ("USSR", "SUHH"), ("Checoslovaquia", "CSHH"), ("Alemania", "DE"), ("Germany", "DE"), ("Guinea", "GN"),
        ("Korea, Republic of", "KR"), ("Congo, The Democratic Republic of the", "CD"), ("Burma", "MM"), ("U.S.", "US"),
        ("Korea", None), ("Virgin Islands", None), ("Timor", None), ("Mexican", None), ("Guatemal", None), ("ZZ", None),
        ("Narnia", None), ("", None), ("the", None), ("CS", None), ("tegucigalpa", None),
    ],
)  # fmt: skip
def test_a_written_country_is_one_code_or_none(text: str, code: str | None) -> None:
    assert countries.given(text, BOTH) == code


def test_every_code_is_given_in_either_case_and_every_name_in_each_language() -> None:
    for country in pycountry.countries:
        for text in (country.alpha_2, country.alpha_3):
            assert countries.given(text, BOTH) == countries.given(text.lower(), BOTH) == country.alpha_2
        for language in ("en", "es", "fr", "pt"):
            said = countries.given(countries.name(country.alpha_2, language), (language,))
            assert said == country.alpha_2 or country.alpha_2 in (*SHARED, "SX"), (country, language)
    for country in pycountry.historic_countries:
        assert countries.given(country.alpha_4.lower(), BOTH) == country.alpha_4


def test_the_commonest_origins_are_among_the_choices_after_three_keys() -> None:
    for code in sorted(countries.codes(), key=country_names.commonness)[:62]:
        for text in (countries.name(code, language) for language in BOTH):
            keys = keypad.digits_of(country_names.key(text))
            for length in (3, 4, 5):
                assert code in countries.by_keys(keys[:length], BOTH), (code, text, length)


def test_every_country_comes_into_sight_at_the_latest_with_its_eighth_key() -> None:
    for code in ISO:
        for text in (countries.name(code, language) for language in BOTH):
            keys = keypad.digits_of(country_names.key(text))
            seen = [length for length in range(3, len(keys) + 1) if code in countries.by_keys(keys[:length], BOTH)]
            assert seen, (code, text)
            assert seen[0] <= 8 or "republic" in fold(text), (code, text, seen[0])


def test_an_island_is_found_without_the_word_island() -> None:
    assert countries.by_keys(keypad.digits_of("Malvinas"), BOTH)[:1] == ("FK",)
    assert countries.by_keys(keypad.digits_of("Caimán"), BOTH)[:1] == ("KY",)


@pytest.mark.parametrize(
    ("keys", "languages", "code"),
    [
        ("63942", ("es",), "MX"),
        ("3507258230670", BOTH, "SV"),
        ("84308648330782837", BOTH, "US"),
        ("25362642", ("en",), "DE"),
        ("4376269", ("es",), "DE"),
        ("99999", BOTH, None),
        ("836", BOTH, "VE"),
        ("248", BOTH, "BT"),
    ],
)
def test_keys_find_a_country_in_either_language_with_or_without_article(
    keys: str, languages: tuple[str, ...], code: str | None
) -> None:
    assert (countries.by_keys(keys, languages) or (None,))[0] == code


def test_the_three_letters_of_iso_find_a_country_when_no_name_fits() -> None:
    named = {
        keypad.digits_of(form)[:3]
        for language in BOTH
        for text, _ in country_names.names_in(language)
        for form in (fold(text), country_names.key(text), country_names.key(text).split(" ", 1)[-1])
    }
    free = [country for country in pycountry.countries if keypad.digits_of(country.alpha_3) not in named]
    assert len(free) >= 20
    for country in free:
        assert country.alpha_2 in countries.by_keys(keypad.digits_of(country.alpha_3), BOTH)
