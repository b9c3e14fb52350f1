"""The subscriber's page, as its reader and as somebody who should not read it meet it."""

from __future__ import annotations

import re

import pytest

from hotline.services.notify import run_due
from hotline.store.models import Enrolment, NumberChange, Subscriber, Tombstone, key_ring
from hotline.web.visits import AWAY, COOKIE
from tests.services.subscribed import CONFIRMATION, PIN, Post
from tests.web.reader import Reader

TELLING = ("Juan", "Pérez", "custody", "removed", "immigra", "crime", "victim", "witness", "detention", "sign-up")


@pytest.fixture
def reader(post: Post) -> Reader:
    return Reader(post)


@pytest.fixture
def inside(reader: Reader) -> Reader:
    """Somebody who has opened their messages."""
    assert reader.enters().status_code == 200
    return reader


def enrolment(post: Post) -> Enrolment:
    found: Enrolment = post.rows(Enrolment)[0]
    return found


# ---- the door


def test_the_door_tells_nothing_and_asks_for_both_numbers(reader: Reader) -> None:
    reader.get()
    assert "<title>Messages</title>" in reader.page
    assert not any(word in reader.page for word in TELLING)
    assert all(word in reader.page for word in ("Confirmation number", "PIN", "911", "Leave this page now"))


def test_both_numbers_open_where_things_stand_and_the_last_messages(post: Post, inside: Reader) -> None:
    assert "Juan Pérez is in custody" in inside.page
    assert "As of March 2, 2026" in inside.page
    post.person_is_removed()
    inside.get()
    assert inside.page.count("has been removed") == 2
    assert "<title>Messages</title>" in inside.page


def test_a_number_that_does_not_exist_and_a_pin_that_is_not_theirs_read_the_same(reader: Reader) -> None:
    pages = []
    for confirmation, pin in (("87654321", PIN), (CONFIRMATION, "9182"), ("12", ""), ("", PIN)):
        assert reader.enters(confirmation, pin).status_code == 403
        pages.append(re.sub(r'name="form" value="[^"]+"', "", reader.page))
    assert len(set(pages)) == 1
    assert "do not go together" in pages[0]
    assert not any(word in pages[0] for word in TELLING)


def test_five_pins_in_fifteen_minutes_lock_the_right_one_out_for_a_while(post: Post, reader: Reader) -> None:
    for _ in range(5):
        reader.enters(pin="9182")
    assert reader.enters().status_code == 403
    assert "locked for now" in reader.page
    assert "Juan" not in reader.page
    post.clock.goes(minutes=16)
    assert reader.enters().status_code == 200


def test_ten_pins_in_all_lock_until_staff_unlock(post: Post, reader: Reader) -> None:
    for _ in range(10):
        post.clock.goes(minutes=16)
        reader.enters(pin="9182")
    post.clock.goes(days=30)
    assert reader.enters().status_code == 403
    assert "pin_locked" in post.tasks()


def test_a_watch_or_a_frozen_sign_up_is_told_of_by_a_person_only(post: Post, inside: Reader) -> None:
    for status in ("frozen", "review"):
        post.wants(status=status)
        inside.get()
        assert "A person can tell you more" in inside.page
        assert "Juan" not in inside.page


# ---- who else


def test_a_page_left_alone_for_ten_minutes_is_closed(post: Post, inside: Reader) -> None:
    post.clock.goes(minutes=9)
    assert "Juan" in (inside.get(), inside.page)[1]
    post.clock.goes(minutes=11)
    inside.get()
    assert "Juan" not in inside.page
    assert inside.acts("wishes", language="es").status_code == 403
    assert enrolment(post).language == "en"


def test_a_page_in_use_is_closed_after_an_hour(post: Post, inside: Reader) -> None:
    for _ in range(8):
        post.clock.goes(minutes=8)
        inside.get()
    assert "Juan" not in inside.page


def test_an_open_page_reloads_to_somewhere_else_when_nobody_touches_it(inside: Reader) -> None:
    assert inside.get().headers["Refresh"] == "600; url=/messages/leave"


def test_leaving_closes_at_once_and_shows_the_weather(inside: Reader) -> None:
    answer = inside.get("/messages/leave")
    assert (answer.status_code, answer.location) == (303, AWAY)
    inside.get()
    assert "Juan" not in inside.page


def test_closing_closes(inside: Reader) -> None:
    inside.post("/messages/close")
    assert "Open your messages" in inside.page
    assert "Juan" not in (inside.get(), inside.page)[1]


def test_a_new_pin_closes_every_other_browser(post: Post, inside: Reader) -> None:
    other = Reader(post)
    other.enters()
    inside.acts("pin", pin="719353", again="719353")
    assert "Your new PIN is set" in inside.page
    assert "Juan" in (inside.get(), inside.page)[1]
    assert "Juan" not in (other.get(), other.page)[1]
    assert other.enters().status_code == 403
    assert other.enters(pin="719353").status_code == 200


@pytest.mark.parametrize("act", ["wishes", "number", "zone", "word", "pin", "read", "delete", "forget-address"])
def test_a_form_of_another_site_does_nothing(post: Post, inside: Reader, act: str) -> None:
    inside.page = ""
    assert inside.acts(act, language="es").status_code == 403
    assert enrolment(post).language == "en"


def test_no_act_without_a_page(post: Post, reader: Reader) -> None:
    reader.get()
    assert reader.acts("delete").status_code == 403
    assert reader.post("/messages/address", address="ana@example.net").status_code == 403
    assert reader.get("/messages/delete").status_code == 303
    assert len(post.rows(Enrolment)) == 1


def test_a_cookie_that_was_altered_opens_nothing(post: Post, inside: Reader) -> None:
    cookie = inside.client.get_cookie(COOKIE, domain="hotline.example.org")
    assert cookie is not None
    assert (cookie.secure, cookie.http_only, cookie.same_site, cookie.path) == (True, True, "Strict", "/")
    assert not any(secret in cookie.value for secret in (PIN, CONFIRMATION, "5550123"))
    for value in (cookie.value[:-2] + "xx", cookie.value.replace(".", "..", 1), "e30.x", "", "\u00e9"):
        inside.client.set_cookie(COOKIE, value, domain="hotline.example.org", secure=True)
        inside.get()
        assert "Juan" not in inside.page


@pytest.mark.parametrize("path", ["/messages", "/messages/delete", "/l/nothing", "/l/x?lang=es"])
def test_every_page_keeps_everything_foreign_out_and_nothing_behind(inside: Reader, path: str) -> None:
    headers = inside.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script" not in policy
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert not re.search(r"<script|\son\w+=|\sstyle=", inside.page)


# ---- choices


def test_wishes_and_language_are_kept_and_the_page_speaks_it(post: Post, inside: Reader) -> None:
    inside.acts("wishes", voicemail="on", fuller_texts="on", language="es")
    found = enrolment(post)
    assert (found.voicemail, found.any_hour, found.fuller_texts, found.language) == (True, False, True, "es")
    other = Reader(post)
    other.enters()
    assert "Cómo están las cosas" in other.page


def test_a_language_that_the_line_does_not_speak_changes_nothing(post: Post, inside: Reader) -> None:
    inside.acts("wishes", language="xx")
    assert enrolment(post).language == "en"


def test_a_new_number_is_asked_first(post: Post, inside: Reader) -> None:
    inside.acts("number", number="(202) 555-0160", channel="both")
    assert "We will ask that number" in inside.page
    [change] = post.rows(NumberChange)
    assert (change.calls, change.texts) == (True, True)
    assert "ending in 0123" in inside.page


@pytest.mark.parametrize("number", ["900 555 0123", "12", "+44 20 7946 0000", "call me", "800 555 0199"])
def test_a_number_that_may_not_be_called_is_refused_kindly(post: Post, inside: Reader, number: str) -> None:
    inside.acts("number", number=number, channel="call")
    assert "Please use another number" in inside.page
    assert post.rows(NumberChange) == []


def test_zone_and_code_word(post: Post, inside: Reader) -> None:
    inside.acts("zone", zone="Pacific/Guam")
    assert post.subscriber().zones == "Pacific/Guam"
    inside.acts("zone", zone="Mars/Phobos")
    assert post.subscriber().zones is None
    inside.acts("word", word=" Sunflower ")
    with post.line.database.read() as db:
        assert db.get_one(Subscriber, post.subscriber().id).unseal("code_word", key_ring(db)) == "Sunflower"
    inside.acts("word", word="two words")
    assert "Please choose another one" in inside.page
    inside.acts("word", word="")
    assert post.subscriber().code_word_sealed is None


@pytest.mark.parametrize(
    ("pin", "again", "says"),
    [
        ("1234", "1234", "counts up or down"),
        ("1985", "1985", "looks like a year"),
        ("0123", "0123", "easy to guess"),
        ("7", "7", "4, 5 or 6 digits"),
        ("719353", "719354", "not the same"),
        ("", "", "4, 5 or 6 digits"),
    ],
)
def test_a_pin_that_is_easily_guessed_is_refused_with_the_reason(
    post: Post, inside: Reader, pin: str, again: str, says: str
) -> None:
    before = enrolment(post).pin_hash
    inside.acts("pin", pin=pin, again=again)
    assert says in inside.page
    assert enrolment(post).pin_hash == before


def test_reading_it_is_not_hearing_it_until_they_say_so(post: Post, inside: Reader) -> None:
    post.person_is_removed()
    inside.get()
    assert [one.status for one in post.deliveries("voice")] == ["waiting"]
    events = re.search(r'name="events" value="([\d,]+)"', inside.page)
    assert events
    inside.acts("read", events=events[1])
    assert "We noted that you have it" in inside.page
    assert [(one.status, one.reason) for one in post.deliveries("voice")] == [("confirmed", "page")]


def test_stop_and_delete_asks_once_more_and_leaves_a_tombstone(post: Post, inside: Reader) -> None:
    inside.get("/messages/delete")
    assert "Should we stop all messages" in inside.page
    assert len(post.rows(Enrolment)) == 1
    inside.acts("delete")
    assert "no more messages will come" in inside.page
    assert post.rows(Enrolment) == []
    assert len(post.rows(Tombstone)) == 1


def test_an_act_that_there_is_not(inside: Reader) -> None:
    assert inside.acts("publish").status_code == 404


def test_what_the_address_asks_the_page_to_say_is_one_of_its_own_answers(reader: Reader) -> None:
    reader.get("/messages?said=choose_consent")
    assert 'id="says"' not in reader.page
    reader.get("/messages?said=<script>")
    assert 'id="says"' not in reader.page


# ---- language


def test_the_page_speaks_the_browsers_language_until_another_is_chosen(post: Post) -> None:
    reader = Reader(post, "es-MX,es;q=0.9")
    reader.get()
    assert '<html lang="es">' in reader.page
    assert "Abra sus mensajes" in reader.page
    reader.get("/messages?lang=en")
    reader.get()
    assert "Open your messages" in reader.page


# ---- a link by text


def test_a_link_by_text_opens_with_the_pin_alone(post: Post, reader: Reader) -> None:
    post.wants(texts=True)
    reader.get()
    reader.post("/messages/link", confirmation=CONFIRMATION)
    assert "a link is on its way" in reader.page
    run_due(post.line)
    [delivery] = post.deliveries("text")
    assert delivery.occasion.startswith("link:manage:")


def test_whether_a_number_gets_texts_is_never_told(post: Post, reader: Reader) -> None:
    pages = set()
    for confirmation in (CONFIRMATION, "00000000", "", "x" * 100):
        reader.get()
        reader.post("/messages/link", confirmation=confirmation)
        pages.add(re.sub(r'name="form" value="[^"]+"', "", reader.page))
    assert len(pages) == 1
    assert post.deliveries("text") == []
