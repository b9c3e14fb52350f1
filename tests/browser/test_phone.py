"""The telephone in the browser, as a newcomer meets it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect

from hotline.services.line import open_line
from hotline.settings import read_settings
from hotline.simulator.telephone import Telephone
from hotline.web import phone
from hotline.web.app import make_app
from tests.browser.conftest import free_pair

LINE = "+18005550199"
RINGS_WITHIN = 60_000
CONTROLS = "button, input:not([type=hidden]), select, textarea"


@pytest.fixture(autouse=True)
def put_down(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test nobody is in a call."""
    yield
    if "line_address" in request.fixturenames:
        for place in range(len(phone.DEMO_NUMBERS)):
            left = handset_of(request.getfixturevalue("line_address"), place).call
            if left and not left.ended:
                left.hang_up()


# ---- a whole life of a sign-up


def test_a_caller_signs_up_by_clicking_keys_and_says_yes_when_the_confirming_call_rings(
    page: Page, line_address: str
) -> None:
    page.goto(f"{line_address}/phone")
    page.get_by_role("button", name="Call +1 800").click()
    expect_state(page, "inbound.welcome")
    sign_up(page, channel="1")
    expect(page.locator(".bar")).to_contain_text("The call is over")
    expect_state(page, "inbound.done")
    expect(page.locator(".said")).to_contain_text("Your confirmation number is")

    expect(page.get_by_role("heading", name="Your telephone rings")).to_be_visible(timeout=RINGS_WITHIN)
    assert page.title().startswith("Ringing")
    page.get_by_role("button", name="Answer", exact=True).click()
    expect_state(page, "verify.hello")
    press(page, "1")
    expect_state(page, "verify.confirmed")
    expect(page.get_by_role("heading", name="Your telephone rings")).to_be_hidden()
    assert page.url.endswith("/phone"), "nothing about a call stands in the address"


def test_a_caller_who_asked_for_texts_gets_one_and_answers_yes(page: Page, line_address: str) -> None:
    page.goto(f"{line_address}/phone?handset=2")
    call(page)
    sign_up(page, channel="2")
    received = page.locator(".received li.line")
    expect(received).to_have_count(1, timeout=RINGS_WITHIN)
    expect(received).to_contain_text("YES")
    page.get_by_label("Message to").fill("YES")
    page.get_by_role("button", name="Send text").click()
    expect(page.get_by_role("status").filter(has_text="Your text was sent.")).to_be_visible()
    expect(received).to_have_count(2)
    expect(page.get_by_label("Message to")).to_have_value("")


@pytest.mark.parametrize("way", ["Let a machine answer", "Decline"])
def test_a_ringing_handset_can_leave_the_call_to_a_machine_or_turn_it_away(
    page: Page, line_address: str, way: str
) -> None:
    handset = handset_of(line_address, 3)
    signing_up = handset.dial(LINE)
    for keys, _ in SIGN_UP:
        signing_up.press(keys)
    page.goto(f"{line_address}/phone?handset=3")
    expect(page.get_by_role("button", name="Decline")).to_be_visible(timeout=RINGS_WITHIN)
    page.get_by_role("button", name=way).click()
    expect(page.locator(".bar")).to_contain_text("The call is over")
    expect(page.locator(".ringing")).to_have_count(0)


# ---- with less


def test_without_javascript_a_caller_reaches_the_main_menu_and_hangs_up(browser: Browser, line_address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{line_address}/phone?handset=1")
    expect(page.locator("#aloud")).to_be_hidden()
    page.get_by_role("button", name="Call +1 800").click()
    expect(page.locator("#latest")).to_be_visible()
    page.get_by_role("button", name="2 ABC").click()
    expect_state(page, "inbound.main_menu")
    expect(page.locator("#latest .words")).to_have_attribute("lang", "es-US")
    expect(page.locator("#latest .words")).to_be_in_viewport()
    page.get_by_role("button", name="Say nothing").click()
    expect(page.locator(".you").last).to_contain_text("said nothing")
    expect_state(page, "inbound.main_menu")
    page.get_by_label("Your words").fill("inscribirme")
    page.get_by_role("button", name="Say", exact=True).click()
    expect(page.locator(".you").last).to_contain_text("“inscribirme”")
    page.get_by_role("button", name="Hang up").click()
    expect(page.locator(".bar")).to_contain_text("The call is over")
    page.get_by_role("link", name="Refresh").click()
    expect(page.locator(".bar")).to_contain_text("The call is over")
    context.close()


def test_without_javascript_the_page_loads_again_only_for_who_asks(browser: Browser, line_address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{line_address}/phone?handset=3")
    expect(page.locator("meta[http-equiv=refresh]")).to_have_count(0)
    page.get_by_role("link", name="every 5 seconds").click()
    expect(page.locator("meta[http-equiv=refresh]")).to_have_count(1)
    page.get_by_role("link", name="Stop looking").click()
    expect(page.locator("meta[http-equiv=refresh]")).to_have_count(0)
    context.close()


def test_a_caller_without_a_mouse_finds_every_control_and_sees_where_they_are(page: Page, line_address: str) -> None:
    page.goto(f"{line_address}/phone?handset=1")
    tab_to(page, "call")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_be_focused()
    page.keyboard.press("1")
    expect_state(page, "inbound.main_menu")
    seen = []
    for _ in range(len(phone.KEYPAD)):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.value"))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    assert seen == [key for key, _ in phone.KEYPAD]
    page.locator("#key-2").focus()
    page.keyboard.press("Space")
    expect_state(page, "manage.confirmation")
    expect(page.locator("#key-2")).to_be_focused()
    page.keyboard.type("3#")
    expect(page.locator(".you").last).to_contain_text("pressed 3 #")
    tab_to(page, "words")
    page.keyboard.type("12")
    expect(page.locator("#words")).to_have_value("12")
    expect(page.locator(".you").last).to_contain_text("pressed 3 #")
    page.locator("#hang-up").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#call")).to_be_visible()
    expect(page.locator("#said")).to_be_focused()
    expect(page.locator("#words")).to_have_value("12")


# ---- how it looks and sounds


@pytest.mark.parametrize("live", [False, True])
def test_on_a_narrow_screen_nothing_is_cut_off(page: Page, line_address: str, live: bool) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{line_address}/phone?handset=1")
    if live:
        call(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    for box in page.eval_on_selector_all(CONTROLS, "all => all.map(e => e.getBoundingClientRect().toJSON())"):
        assert box["right"] <= 320
        assert box["left"] >= 0


def test_every_control_has_a_name_and_is_large_enough_to_hit(page: Page, line_address: str) -> None:
    page.goto(f"{line_address}/phone?handset=1")
    call(page)
    for control in page.locator(CONTROLS).all():
        assert control.evaluate("e => (e.labels?.[0]?.textContent ?? e.textContent).trim()")
        box = control.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 24
    ids = page.eval_on_selector_all("[id]", "all => all.map(e => e.id)")
    assert len(ids) == len(set(ids))
    for section in page.locator("[aria-labelledby]").all():
        assert section.get_attribute("aria-labelledby") in ids
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("h1").count() == 1
    assert page.locator("main").count() == 1
    assert page.locator("#said").get_attribute("role") == "log"
    assert page.eval_on_selector_all(".said .words", "all => all.map(e => e.lang)") == ["en-US", "es-US"]
    assert page.locator("[style]").count() == 0


def test_the_newest_words_are_in_view_and_the_old_ones_are_not_announced_again(page: Page, line_address: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 700})
    page.goto(f"{line_address}/phone?handset=1")
    call(page)
    page.evaluate("document.querySelectorAll('.said li').forEach(e => { e.seenBefore = true })")
    for _ in range(3):
        press(page, "*")
    expect(page.locator(".said li.line")).to_have_count(8)
    last = page.locator(".said li").last
    expect(last).to_be_in_viewport()
    box, frame = last.bounding_box(), page.locator("#said").bounding_box()
    assert box
    assert frame
    assert box["y"] + box["height"] <= frame["y"] + frame["height"]
    assert page.evaluate("[...document.querySelectorAll('.said li')].slice(0, 2).every(e => e.seenBefore)")


def test_reading_aloud_is_off_until_asked_for_and_speaks_each_language_as_its_own(
    page: Page, line_address: str
) -> None:
    page.add_init_script("window.spoken = []; SpeechSynthesis.prototype.speak = (u) => window.spoken.push(u.lang);")
    page.goto(f"{line_address}/phone?handset=1")
    aloud = page.get_by_role("button", name="Read aloud")
    expect(aloud).to_have_attribute("aria-pressed", "false")
    call(page)
    assert page.evaluate("spoken") == []
    aloud.click()
    assert page.evaluate("spoken") == ["en-US", "es-US"]
    press(page, "2")
    expect_state(page, "inbound.main_menu")
    assert page.evaluate("spoken") == ["en-US", "es-US", "es-US"]
    page.click("#hang-up")
    expect(page.locator("#call")).to_be_visible()
    call(page)
    assert page.evaluate("spoken.slice(3)") == ["en-US", "es-US"], "a second call is read from its beginning"


def test_a_browser_without_a_voice_shows_no_toggle_and_works(page: Page, line_address: str) -> None:
    page.add_init_script("delete window.speechSynthesis; delete Window.prototype.speechSynthesis;")
    page.goto(f"{line_address}/phone?handset=1")
    expect(page.locator("#aloud")).to_be_hidden()
    call(page)


def test_the_operator_is_reached_and_their_handset_shows_the_call(page: Page, line_address: str) -> None:
    page.goto(f"{line_address}/phone?handset=1")
    call(page)
    press(page, "1")
    press(page, "0")
    expect(page.locator(".awaited")).to_have_text("You are connected to a person.")
    operator = page.context.new_page()
    operator.goto(f"{line_address}/phone?handset={len(phone.DEMO_NUMBERS)}")
    expect(operator.locator(".bar")).to_contain_text("In a call")
    operator.click("#hang-up")
    expect(page.locator(".bar")).to_contain_text("The call is over")


# ---- who may use it, and what is told when it can't be used


@pytest.fixture
def out_of_order(tmp_path: Path) -> Iterator[FlaskClient]:
    """The page of a line whose simulator does not run."""
    settings = read_settings({"HOTLINE_DATA_DIR": str(tmp_path), "PORT": str(free_pair())})
    line = open_line(settings)
    yield make_app(line).test_client()
    line.database.close()


@pytest.mark.parametrize("path", ["/phone", "/phone/", "/phone/now", "/phone?handset=3"])
def test_without_the_simulator_the_page_says_so_in_one_sentence(out_of_order: FlaskClient, path: str) -> None:
    answer = out_of_order.get(path)
    assert answer.status_code == 503
    assert phone.NO_SIMULATOR in answer.text
    assert "Traceback" not in answer.text


def test_an_act_without_the_simulator_says_the_same(out_of_order: FlaskClient) -> None:
    out_of_order.set_cookie(phone.COOKIE, "somebody", path="/phone")
    with out_of_order.application.app_context():
        token = phone._signer().get_signature("somebody").decode()
    assert out_of_order.post("/phone/call", data={"token": token}).status_code == 503


@pytest.mark.parametrize("act", phone.ACTS)
def test_no_other_site_can_act_with_somebodys_telephone(out_of_order: FlaskClient, act: str) -> None:
    out_of_order.set_cookie(phone.COOKIE, "somebody", path="/phone")
    with out_of_order.application.app_context():
        of_another = phone._signer().get_signature("another").decode()
    for token in ("", "x", of_another):
        answer = out_of_order.post(f"/phone/{act}", data={"token": token, "keys": "1"})
        assert answer.status_code == 403
        assert "nothing was done" in answer.text


@pytest.mark.parametrize("host", ["example.com", "127.0.0.1.example.com", "[::2]", "evil:8080"])
def test_a_name_that_was_pointed_at_this_machine_gets_no_telephone(out_of_order: FlaskClient, host: str) -> None:
    assert out_of_order.get("/phone", headers={"Host": host}).status_code in (400, 403)


@pytest.mark.parametrize("handset", ["4x", "-1", "99", "²", "0.5", "+12025550123", ""])
def test_a_handset_that_is_not_on_the_table_is_told_so(out_of_order: FlaskClient, handset: str) -> None:
    answer = out_of_order.get("/phone", query_string={"handset": handset})
    assert answer.status_code == 404
    assert "There is no such handset." in answer.text


@pytest.mark.parametrize("name", phone.HEADERS)
@pytest.mark.parametrize("path", ["/phone", "/phone/now", "/phone?handset=99"])
def test_every_page_forbids_foreign_script_frames_and_storage(out_of_order: FlaskClient, path: str, name: str) -> None:
    assert out_of_order.get(path).headers[name] == phone.HEADERS[name]


def test_a_line_that_is_gone_for_a_while_is_told_and_the_page_goes_on_by_itself(
    page: Page, page_errors: list[str], line_address: str
) -> None:
    page.goto(f"{line_address}/phone?handset=3")
    page.context.set_offline(True)
    expect(page.locator(".fault")).to_contain_text("The line does not answer.")
    page.context.set_offline(False)
    expect(page.locator(".fault")).to_have_count(0)
    assert page_errors, "the browser itself complains of requests that went nowhere"
    page_errors.clear()


def test_every_act_has_a_button_and_every_button_an_act() -> None:
    forms = (Path(phone.__file__).parent / "templates" / "phone_now.html").read_text()
    assert set(re.findall(r'\bact\("([a-z-]+)"', forms)) == set(phone.ACTS)


def test_the_cookie_is_kept_from_scripts_and_from_other_sites(page: Page, line_address: str) -> None:
    page.goto(f"{line_address}/phone")
    (cookie,) = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/phone")


def test_an_act_that_is_too_late_is_refused_with_the_reason(browser: Browser, line_address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    early, late = context.new_page(), context.new_page()
    early.goto(f"{line_address}/phone?handset=1")
    early.click("#call")
    late.goto(f"{line_address}/phone?handset=1")
    early.click("#hang-up")
    late.click("#key-1")
    expect(late.locator(".fault")).to_have_text("You are in no call: call the line first.")
    late.get_by_label("Message to").fill("   ")
    late.get_by_role("button", name="Send text").click()
    expect(late.locator(".fault")).to_have_text("There was nothing to send: write something first.")
    context.close()


# ---- what stands on the page


def said(who: str, kind: str, text: str = "", language: str = "") -> dict[str, str]:
    return {"who": who, "kind": kind, "text": text, "language": language, "audio": ""}


def test_keys_pressed_one_after_another_read_as_one_entry() -> None:
    pressed = [said("caller", "keys", key) for key in ("3", "37", "#")]
    assert phone.conversation(pressed) == [phone.Entry("you", "pressed 3 3 7 #", "")]


@pytest.mark.parametrize("kind", phone.CALLER_DID)
def test_what_a_caller_did_is_told_in_words(kind: str) -> None:
    (entry,) = phone.conversation([said("caller", kind, "7")])
    assert entry.who == "you"
    assert entry.words == phone.CALLER_DID[kind].format("7")


def test_a_callers_words_are_in_the_language_that_the_line_spoke() -> None:
    heard = phone.conversation([said("line", "say", "¿Quién?", "es-US"), said("caller", "speech", "Juan")])
    assert [entry.language for entry in heard] == ["es-US", "es-US"]


@pytest.mark.parametrize(("whos", "place"), [("", -1), ("l", 0), ("ll", 0), ("lly", 2), ("llyll", 3), ("lylyln", 4)])
def test_the_newest_words_are_those_since_the_callers_last_act(whos: str, place: int) -> None:
    names = {"l": "line", "y": "you", "n": "note"}
    assert phone.newest([phone.Entry(names[who], "", "") for who in whos]) == place


def gather(ways: list[str], num_digits: int | None, end: str, keys: str = "") -> dict[str, Any]:
    return {"verb": "gather", "input": ways, "num_digits": num_digits, "finish_on_key": end, "keys": keys}


@pytest.mark.parametrize(
    ("waiting", "sentence"),
    [
        (None, "You are connected."),
        ({"verb": "dial", "joined": True}, "You are connected to a person."),
        ({"verb": "dial", "joined": False}, "The line rings another telephone."),
        ({"verb": "record"}, "The line is recording. Say something, then press #."),
        (gather(["dtmf"], 1, "#"), "The line waits for one key."),
        (gather(["dtmf", "speech"], 1, "#"), "The line waits for one key or words."),
        (gather(["dtmf"], None, "#"), "The line waits for keys and #."),
        (gather(["dtmf", "speech"], None, "#", "52"), "The line waits for keys and # or words. So far: 5 2."),
        (gather(["dtmf"], 4, ""), "The line waits for keys."),
        (gather(["speech"], None, "#"), "The line waits for words."),
    ],
)
def test_the_page_tells_what_the_line_waits_for(waiting: dict[str, Any] | None, sentence: str) -> None:
    assert phone.awaited(waiting) == sentence


# ---- hands

SIGN_UP = [
    ("1", "inbound.main_menu"),
    ("1", "inbound.eligible"),
    ("1", "inbound.first_name"),
    ("5826#", "inbound.last_name"),  # Juan
    ("73739#", "inbound.country"),  # Pérez
    ("482#", "inbound.country_choice"),  # Guatemala, or Guyana
    ("1", "inbound.birth_date"),
    ("03051985#", "inbound.confirm_match"),
    ("1", "inbound.channel"),
    ("1", "inbound.number"),
    ("1", "inbound.voicemail"),
    ("2", "inbound.night"),
    ("1", "inbound.pin"),
    ("4907#", "inbound.pin_again"),
    ("4907#", "inbound.consent"),
    ("1", "inbound.done"),
]
"""What somebody presses who asks for Juan Pérez of Guatemala, and where the line waits then."""


def handset_of(line_address: str, place: int) -> Telephone:
    """The same handset that the page shows, in the test's own hand."""
    web_port = int(line_address.rpartition(":")[2])
    return Telephone(f"http://127.0.0.1:{web_port + 1}", phone.DEMO_NUMBERS[place])


def expect_state(page: Page, state: str) -> None:
    expect(page.locator(".bar code")).to_have_text(state)


def call(page: Page) -> None:
    page.click("#call")
    expect(page.locator("#hang-up")).to_be_visible()
    expect_state(page, "inbound.welcome")


def press(page: Page, keys: str) -> None:
    for key in keys:
        page.locator(f'.keys button[value="{key}"]').click()


def tab_to(page: Page, control: str) -> None:
    for _ in range(40):
        if page.evaluate("document.activeElement.id") == control:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard never reaches {control}")


def sign_up(page: Page, channel: str) -> None:
    """From the welcome to the end of the call."""
    before = "inbound.welcome"
    for keys, then in SIGN_UP:
        press(page, channel if before == "inbound.channel" else keys)
        expect_state(page, then)
        before = then
