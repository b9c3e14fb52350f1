"""What callers hear and read, and what they may say: the whole table of texts and words, in each language."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest

from hotline.ivr import listen
from hotline.ivr.flow import CHOICE, CHOICE_NONE, Menu, Question
from hotline.ivr.load import load_flows, load_lexicons, load_phrasebook
from hotline.ivr.phrasebook import slots
from hotline.ivr.session import Heard, Session
from hotline.rules.custody import EventKind, Whereabouts
from hotline.rules.segments import fits
from hotline.rules.texts_out import FULLER
from hotline.services.manage_settings import MORE_ZONES, ZONES

ROOT = Path(__file__).parents[2]
LANGUAGES = ("en", "es")
LEXICONS = load_lexicons(ROOT / "audio", LANGUAGES)
FLOWS = load_flows(ROOT / "ivr_flows", LEXICONS)
TEXTS = load_phrasebook(ROOT / "audio", LANGUAGES).texts

QUESTIONS = [node for flow in FLOWS.values() for node in flow.nodes.values() if isinstance(node, Question)]
MENUS = [node for node in QUESTIONS if isinstance(node, Menu)]
KEY_MENUS = [menu for menu in MENUS if not menu.languages and not menu.choices]

# Pieces and sentences that the services say or send; no node names them.
BY_SERVICES = {
    *(f"how_{how}" for how in ("call", "text", "both")),
    *(f"confirming_{how}" for how in ("call", "text", "both")),
    *("leave_message_yes", "leave_message_no", "at_night_yes", "at_night_no"),
    "records_are_old",
    *(f"news_{kind}" for kind in EventKind if kind is not EventKind.UNDER_REVIEW),
    *(f"standing_{place}" for place in Whereabouts if place is not Whereabouts.UNDER_REVIEW),
    *(f"zone_{name}" for name in (*ZONES, *MORE_ZONES)),
    *("sorry_to_a_person", "sorry_call_again", "please_hold", "nobody_free"),
    *("text_verify", "text_verify_again", "text_verified", "text_news", "text_news_dated", "text_fuller", "text_noted"),
    *FULLER.values(),
    *("text_reconfirm", "text_moved"),
    *("text_other", "text_stopped", "text_help", "text_ended", "text_link", "text_link_pin"),
    "text_one_more_step",
}
ASKED = {prompt for flow in FLOWS.values() for node in flow.nodes.values() for prompt in node.prompts()}

# Beginnings of words, each language's own, accents off. They blame, accuse, frighten or command.
BANNED = {
    "en": "invalid wrong incorrect fail error mistake perpetrat attacker criminal offender abuser alien "
    "illegal must victim deport",
    "es": "invalid incorrect equivoc erroneo error fallo fallid agresor atacante criminal delincuente "
    "culpable extranjer ilegal indocumentad debe obligat victima",
}
BANNED_PHRASES = {
    "en": ("you did not", "you didn't", "failure to", "you have to", "your fault"),
    "es": ("usted no", "no ha ", "tiene que", "hay que", "su culpa", "esta mal"),
}
# Beginnings of words that would tell somebody else what a call or a text is about.
TELLING = {
    "en": "custod detain detent immigra ice agenc deport remov releas escap jail prison court crim victim "
    "witness polic arrest judge case inmate free died dead sign country news safe",
    "es": "custod deten migra inmigra agenc deport expuls liber libre fuga fugo escap carcel prision corte "
    "crimen delito victim testig polic arrest juez caso preso fallec muert inscri pais noticia segur",
}
STATUS = {
    "en": "status citizen visa undocumented papers asylum",
    "es": "estatus ciudadan visa indocumentad papeles asilo",
}
BEFORE_THE_PIN = re.compile(
    r"^(verify_|reconfirm_|moved_|ended_|notify_(hello|pin|voicemail|goodbye|nothing)|pin_(not_right|locked)|to_a_person|hand_over|callback_"
    r"|number_refused|nobody_|after_person|sorry_|please_hold|line_|many_callers|goodbye|too_long)"
)
KEY = re.compile(r"\b(?:press|oprima) (?:only |solo )?(\d|star|asterisco|\{key\})", re.IGNORECASE)
LAST_KEYS = ("star", "0", "9")
MORE_TIME = "5"


def words_of(text: str) -> list[str]:
    """The words of a text, a slot counted as one."""
    return re.findall(r"[\w'’{}-]+", text)


def sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.?!:])\s+", text) if part]


def keys_in(text: str) -> list[str]:
    return [key.replace("asterisco", "star") for key in KEY.findall(text)]


def beginnings_in(text: str, beginnings: str) -> list[str]:
    """The words of a text that begin like one of these; short ones must be the whole word."""
    return [
        word
        for word in listen.fold(text).split()
        for start in beginnings.split()
        if word == start or (len(start) > 3 and word.startswith(start))
    ]


def wordings(question: Question) -> list[str]:
    """What a question may say, from its first wording to the last."""
    again = (question.again_silence, question.again_no_match)
    return list(dict.fromkeys((*question.says, *again, question.example, question.by_keypad)))


def messages(language: str) -> dict[str, str]:
    return {key: text for key, text in TEXTS[language].items() if key.startswith("text_")}


def named(value: object) -> str:
    return "-".join(value) if isinstance(value, tuple) else getattr(value, "name", str(value))


# The table


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_caller_meets_a_missing_text_and_no_text_is_without_use(language: str) -> None:
    assert set(TEXTS[language]) == ASKED | BY_SERVICES | {CHOICE, CHOICE_NONE}


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_each_language_says_the_same_things_in_the_same_order(language: str) -> None:
    assert list(TEXTS[language]) == list(TEXTS[LANGUAGES[0]])
    assert {key: slots(text) for key, text in TEXTS[language].items()} == {
        key: slots(text) for key, text in TEXTS[LANGUAGES[0]].items()
    }


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_each_language_offers_the_same_keys(language: str) -> None:
    for key, text in TEXTS[LANGUAGES[0]].items():
        assert keys_in(TEXTS[language][key]) == keys_in(text), key


# Words


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_blamed_accused_or_commanded(language: str) -> None:
    told_by_its_name = ("news_", "standing_", "consent", "night")  # what the line is there to tell
    for key, text in TEXTS[language].items():
        found = beginnings_in(text, BANNED[language])
        found += [phrase for phrase in BANNED_PHRASES[language] if phrase in f" {listen.fold(text)} "]
        if key.startswith(told_by_its_name):
            found = [word for word in found if not word.startswith("deport")]
        assert found == [], key


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_asked_about_immigration_status(language: str) -> None:
    asked = {key: beginnings_in(text, STATUS[language]) for key, text in TEXTS[language].items()}
    assert {key: found for key, found in asked.items() if found} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_can_be_said_in_one_breath(language: str) -> None:
    said = [(key, sentence) for key, text in TEXTS[language].items() for sentence in sentences(text)]
    assert [(key, sentence) for key, sentence in said if len(words_of(sentence)) > 20] == []


def test_spanish_speakers_are_addressed_with_respect() -> None:
    familiar = re.compile(
        r"\b(tú|tu|tus|ti|te|contigo|tuy[oa]s?|oprime|presiona|marca|di|puedes|quieres|estás|tienes|necesitas|sabes"
        r"|eres|vos|vosotros|vuestr[oa])\b"
    )
    found = {key: familiar.findall(text.casefold()) for key, text in TEXTS["es"].items()}
    assert {key: words for key, words in found.items() if words} == {}


def test_spanish_speaks_of_men_and_women_alike() -> None:
    gendered = re.compile(
        r"\b(?:inscrit|registrad|bienvenid|deportad|trasladad|liberad|detenid|expulsad)[oa]s?\b|\bella\b|\bél\b"
    )
    found = {key: [match.group() for match in gendered.finditer(text)] for key, text in TEXTS["es"].items()}
    agreeing = {"consent", "consent_again", "consent_example", "consent_keys", "main_menu"}  # with "persona"
    assert {key: words for key, words in found.items() if words and key not in agreeing} == {}


# Questions and menus


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("question", QUESTIONS, ids=named)
def test_a_question_is_asked_in_other_words_each_time(question: Question, language: str) -> None:
    said = [TEXTS[language][key] for key in wordings(question)]
    assert len(set(said)) == len(said) >= 4


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("question", QUESTIONS, ids=named)
def test_the_last_wording_offers_the_keypad_and_a_person(question: Question, language: str) -> None:
    text = TEXTS[language][question.by_keypad]
    assert ("keypad" if language == "en" else "teclado") in text
    before_its_list = isinstance(question, Menu) and question.choices  # there, 0 is told without its "press"
    assert "0" in (re.findall(r"\d", text) if before_its_list else keys_in(text))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("question", QUESTIONS, ids=named)
def test_a_question_comes_before_the_caller_has_to_wait(question: Question, language: str) -> None:
    for key in wordings(question):
        before_the_key = re.split(r"\b(?:press|oprima)\b", TEXTS[language][key], maxsplit=1)[0]
        assert len(words_of(before_the_key)) <= 40, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_key_does_is_said_before_the_key(language: str) -> None:
    use_first = ("To ", "For ", "If ") if language == "en" else ("Para ", "Si ")
    keys_told = [(key, s) for key, text in TEXTS[language].items() for s in sentences(text) if keys_in(s)]
    assert [(key, sentence) for key, sentence in keys_told if not sentence.startswith(use_first)] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("menu", KEY_MENUS, ids=named)
def test_a_menu_offers_exactly_its_keys_in_rising_order(menu: Menu, language: str) -> None:
    for prompt in wordings(menu):
        offered = keys_in(TEXTS[language][prompt])
        own = [key for key in offered if key not in LAST_KEYS]
        assert own == sorted(set(own)), prompt
        assert set(own) - ({MORE_TIME} - set(menu.options)) == set(menu.options), prompt
        assert offered == own + [key for key in LAST_KEYS if key in offered], prompt


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("menu", KEY_MENUS, ids=named)
def test_a_slow_caller_learns_how_to_get_more_time(menu: Menu, language: str) -> None:
    assert MORE_TIME not in menu.options or menu.name == "menu"  # the contract's key 5 of manage.menu is a new PIN
    assert MORE_TIME in keys_in(TEXTS[language][menu.example])


def test_the_first_twenty_seconds_tell_of_danger_of_leaving_and_of_each_language() -> None:
    greeting = [TEXTS[language]["welcome"] for language in LANGUAGES]
    assert sum(len(words_of(text)) for text in greeting) <= 50  # at 150 words a minute
    for text in greeting:
        assert "911" in text
        assert keys_in(text) == ["{key}", "9"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_consent_tells_what_is_agreed_to(language: str) -> None:
    stop = [TEXTS[language][key] for key in ("how_call", "how_text", "how_both")]
    assert all("STOP" in text for text in stop)
    for key in ("consent", "consent_again", "consent_example", "consent_keys"):
        assert slots(TEXTS[language][key]) == {"how", "leave_message", "at_night"}
        assert "PIN" in TEXTS[language][key]
        assert "star" in keys_in(TEXTS[language][key])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_confirmation_number_is_said_twice(language: str) -> None:
    assert [TEXTS[language][key].count("{confirmation}") for key in ("done", "taken_up")] == [2, 2]


# What others must not learn


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_picks_up_learns_nothing_before_the_pin(language: str) -> None:
    before = {key: text for key, text in TEXTS[language].items() if BEFORE_THE_PIN.match(key)}
    assert len(before) > 30
    for key, text in before.items():
        assert beginnings_in(text, TELLING[language]) == [], key
        assert slots(text) <= {"hotline"}, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_tells_nothing_to_who_glances_at_the_phone(language: str) -> None:
    for key, text in messages(language).items():
        assert beginnings_in(text, TELLING[language]) == [], key
        assert slots(text) <= {"hotline", "link", "when"} | ({"told"} if key == "text_fuller" else set()), key
        assert not re.search(r"911|danger|peligro", text[:40]), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_is_short_and_tells_what_to_do_in_danger_and_how_to_stop(language: str) -> None:
    for key, text in messages(language).items():
        assert fits(text.replace("{hotline}", "+1 800 555 0199"), language), key
        assert "911" in text, key
        assert "STOP" in text or key == "text_stopped", key


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_a_release_is_called_a_release(language: str) -> None:
    word = {"en": "releas", "es": "libertad"}[language]
    told = {key for key, text in TEXTS[language].items() if key.startswith(("news_", "standing_"))}
    told = {key for key in told if word in TEXTS[language][key]}
    assert told == {"news_released", "standing_released"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_news_is_told_with_its_time(language: str) -> None:
    for key, text in TEXTS[language].items():
        if key.startswith("news_"):
            assert {"person", "as_of"} <= slots(text), key
        if key.startswith("standing_"):
            assert slots(text) == {"person", "as_of"}, key


# What callers say


def said_at(menu: Menu, language: str, said: str) -> str:
    """The outcome of a spoken answer at a menu, `repeat`, or `miss`."""
    lexicons = tuple(LEXICONS.values()) if menu.languages else (LEXICONS[language],)
    answers = {"countries": ["GT", "SV"], "zones": ["eastern", "central"]}
    session = Session("inbound", "1", menu.name, language, answers=answers)
    match listen.understand(menu, Heard(said, 0.9), session, lexicons):
        case listen.Answered(outcome):
            return outcome
        case listen.Repeat():
            return "repeat"
    return "miss"


def outcomes_of(menu: Menu) -> list[str]:
    return list(dict.fromkeys((*menu.options.values(), *listen.EVERYWHERE, "leave")))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("menu", MENUS, ids=named)
def test_every_phrase_is_understood_wherever_it_may_be_said(menu: Menu, language: str) -> None:
    lexicon = LEXICONS[language]
    for outcome in outcomes_of(menu):
        assert len(lexicon.phrases[outcome]) >= 4, outcome
        for phrase in lexicon.phrases[outcome]:
            others = [o for o in outcomes_of(menu) if o != outcome and phrase in lexicon.phrases[o]]
            assert said_at(menu, language, phrase) == ("miss" if others else outcome), phrase


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_doubt_stands_for_two_answers(language: str) -> None:
    doubts = {
        "en": {"i dont know", "i do not know", "im not sure", "i am not sure", "not sure", "maybe"},
        "es": {"no se", "no se no estoy seguro", "no estoy seguro", "no estoy segura", "tal vez", "quizas"},
    }
    phrases = LEXICONS[language].phrases
    assert set(phrases["yes"]) & set(phrases["no"]) == doubts[language]
    for menu in MENUS:
        for first, second in combinations(outcomes_of(menu), 2):
            assert set(phrases[first]) & set(phrases[second]) <= doubts[language], (menu.name, first, second)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_list_of_words_is_without_use(language: str) -> None:
    listened_for = {outcome for menu in MENUS for outcome in outcomes_of(menu)}
    assert set(LEXICONS[language].phrases) == listened_for | {"filler"}


@pytest.mark.parametrize(
    ("state", "language", "said", "outcome"),
    [
        ("inbound.welcome", "en", "English, please.", "en"),
        ("inbound.welcome", "en", "Español, por favor", "es"),
        ("inbound.welcome", "en", "dos", "es"),
        ("inbound.main_menu", "en", "I would like to sign up", "sign_up"),
        ("inbound.main_menu", "en", "I'm already signed up.", "signed_up"),
        ("inbound.main_menu", "en", "I'm not signed up", "sign_up"),
        ("inbound.main_menu", "en", "Please press one", "sign_up"),
        ("inbound.main_menu", "en", "let me talk to a person", "person"),
        ("inbound.main_menu", "es", "Quiero inscribirme, por favor", "sign_up"),
        ("inbound.main_menu", "es", "Ya estoy inscrita", "signed_up"),
        ("inbound.main_menu", "es", "la opción número tres", "services"),
        ("inbound.confirm_match", "en", "Yes, please!", "yes"),
        ("inbound.confirm_match", "en", "That’s right.", "yes"),
        ("inbound.confirm_match", "en", "That's the person.", "yes"),
        ("inbound.confirm_match", "en", "No, that's not the person.", "no"),
        ("inbound.confirm_match", "en", "That's not right.", "no"),
        ("inbound.confirm_match", "en", "I don't think that's right", "miss"),
        ("inbound.confirm_match", "en", "I'm not sure.", "miss"),
        ("inbound.confirm_match", "es", "Sí, claro.", "yes"),
        ("inbound.confirm_match", "es", "Eso es", "yes"),
        ("inbound.confirm_match", "es", "Sí, es esa persona", "yes"),
        ("inbound.confirm_match", "es", "No, no es la persona", "miss"),
        ("inbound.confirm_match", "es", "No sé", "miss"),
        ("inbound.confirm_name", "en", "I'd like to spell it", "by_keypad"),
        ("inbound.confirm_name", "es", "deletrear, por favor", "by_keypad"),
        ("inbound.country_choice", "en", "none of them", "none"),
        ("inbound.country_choice", "es", "el dos", "ok"),
        ("inbound.no_match", "en", "try again", "try_again"),
        ("inbound.no_match", "en", "please keep watching", "keep_watching"),
        ("inbound.no_match", "es", "Sigan pendientes, por favor", "keep_watching"),
        ("inbound.hand_over", "en", "please leave a number", "miss"),
        ("inbound.hand_over", "en", "I want to leave my number", "leave_number"),
        ("inbound.hand_over", "es", "Quiero que me llamen", "leave_number"),
        ("inbound.channel", "en", "text message please", "text"),
        ("inbound.channel", "en", "both, please", "both"),
        ("inbound.channel", "es", "Los dos.", "both"),
        ("inbound.channel", "es", "Un mensaje de texto", "text"),
        ("inbound.number", "en", "use another number", "another"),
        ("inbound.number", "en", "No.", "another"),
        ("inbound.number", "es", "Este número", "yes"),
        ("inbound.number", "es", "No, otro número", "another"),
        ("inbound.voicemail", "en", "No, thank you.", "no"),
        ("inbound.voicemail", "es", "No, gracias.", "no"),
        ("inbound.night", "en", "daytime only", "no"),
        ("inbound.night", "es", "de día y de noche", "yes"),
        ("inbound.night", "es", "Solo de día", "no"),
        ("inbound.consent", "en", "I agree", "yes"),
        ("inbound.consent", "en", "I do not agree", "no"),
        ("inbound.consent", "en", "Can you say that again", "repeat"),
        ("inbound.consent", "es", "Estoy de acuerdo", "yes"),
        ("inbound.consent", "es", "No estoy de acuerdo", "no"),
        ("inbound.consent", "es", "Otra vez, por favor", "repeat"),
        ("notify.message", "en", "Okay, I got it, thank you", "got_it"),
        ("notify.message", "en", "stop calling me", "stop"),
        ("notify.message", "es", "Ya lo tengo, gracias", "got_it"),
        ("notify.message", "es", "Algo está mal", "looks_wrong"),
        ("manage.menu", "en", "where do things stand", "miss"),
        ("manage.menu", "en", "what's the status", "standing"),
        ("manage.menu", "es", "la situación, por favor", "standing"),
        ("verify.hello", "en", "That was me", "yes"),
        ("verify.hello", "es", "Sí, fui yo", "yes"),
    ],
)
def test_callers_are_understood_as_they_speak(state: str, language: str, said: str, outcome: str) -> None:
    flow, _, node = state.partition(".")
    menu = FLOWS[flow].nodes[node]
    assert isinstance(menu, Menu)
    assert said_at(menu, language, said) == outcome


@pytest.mark.parametrize(
    ("language", "said", "digits"),
    [
        ("en", "two oh two, five five five, zero one two three", "2025550123"),
        ("en", "area code 202 555 0123", "2025550123"),
        ("en", "it's too oh to 555 o won two tree", "2025550123"),
        ("es", "dos cero dos, cinco cinco cinco, cero uno dos tres", "2025550123"),
        ("es", "el número es 202-555-0123, por favor", "2025550123"),
        ("en", "four people", None),
        ("es", "los dos", None),
        ("en", "please", None),
    ],
)
def test_numbers_are_understood_as_they_are_spoken(language: str, said: str, digits: str | None) -> None:
    assert listen.spoken_digits(listen.fold(said), LEXICONS[language]) == digits


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_filler_never_turns_an_answer_into_a_key(language: str) -> None:
    lexicon = LEXICONS[language]
    assert all(" " not in word for word in lexicon.phrases["filler"])
    answers = [phrase for outcome, said in lexicon.phrases.items() if outcome != "filler" for phrase in said]
    assert [phrase for phrase in answers if listen.spoken_digits(phrase, lexicon)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_digit_can_be_said(language: str) -> None:
    assert set(LEXICONS[language].digits.values()) == set("0123456789")
    assert 0 < LEXICONS[language].reject < LEXICONS[language].confirm < 1
