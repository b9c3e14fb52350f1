"""The subscriber's pages in a real browser, on a small telephone and on a desk, by keyboard too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from hotline.web.app import make_app
from tests.services.subscribed import CONFIRMATION, PIN, Post, subscribed

pytestmark = pytest.mark.server

SMALL, WIDE = {"width": 320, "height": 640}, {"width": 1280, "height": 800}
SMALLEST_TARGET = 24  # WCAG 2.2, 2.5.8


@pytest.fixture
def post(sqlite_environ: Mapping[str, str]) -> Iterator[Post]:
    with subscribed(sqlite_environ) as made:
        yield made


@pytest.fixture
def address(post: Post) -> Iterator[str]:
    """Where the pages are served."""
    server = make_server("127.0.0.1", 0, make_app(post.line), threaded=True)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/messages"
    server.shutdown()
    server.server_close()


@pytest.fixture(params=[("en-US", SMALL), ("es-US", SMALL), ("en-US", WIDE)], ids=["en-320", "es-320", "en-1280"])
def browser_page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    locale, size = request.param
    context = browser.new_context(locale=locale, viewport=size, java_script_enabled=False)
    yield context.new_page()
    context.close()


def enter(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("#confirmation").fill(CONFIRMATION)
    page.locator("#pin").fill(PIN)
    page.keyboard.press("Enter")


def test_every_page_fits_and_can_be_used_without_a_mouse_or_javascript(
    browser_page: Page, address: str, post: Post, tmp_path: Path
) -> None:
    post.person_is_removed()
    page = browser_page
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security" in said.text else None)
    enter(page, address)
    expect(page.get_by_text("Juan Pérez").first).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator(".away a")).to_be_focused()
    for summary in page.locator("summary").all():
        summary.press("Enter")
    for place in (None, "/delete"):
        if place:
            page.goto(address + place)
        fits(page)
    assert page.title() in ("Messages", "Mensajes")
    assert refused == []


def fits(page: Page) -> None:
    """Nothing stands out to the side, every control is big enough for a finger, and every field has its label."""
    width = (page.viewport_size or SMALL)["width"]
    for control in page.locator("main button, main a, main input:not([type=hidden]), main select, footer a").all():
        box = control.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert min(box["width"], box["height"]) >= SMALLEST_TARGET
    for field in page.locator("main input:not([type=hidden]), main select").all():
        assert page.locator(f'label[for="{field.get_attribute("id")}"]').count() == 1


def test_an_address_is_added_and_confirmed_by_a_press(page: Page, address: str, post: Post) -> None:
    enter(page, address)
    page.locator("#address summary").click()
    page.get_by_label("Mail address", exact=True).fill("ana@example.net")
    page.get_by_role("button", name="Send a mail there").click()
    expect(page.get_by_role("status")).to_contain_text("We sent a mail")
    [path] = post.links()
    page.goto(address.replace("/messages", path))
    assert post.subscriber().mail_confirmed_at is None
    page.get_by_role("button", name="Yes, it is mine").click()
    expect(page.get_by_role("status")).to_contain_text("This address is set")
    assert post.subscriber().mail_confirmed_at is not None


def test_leaving_shows_the_weather_and_the_way_back_shows_nothing(page: Page, address: str) -> None:
    page.route(re.compile("weather"), lambda route: route.fulfill(body="weather"))
    enter(page, address)
    expect(page.get_by_text("Juan Pérez").first).to_be_visible()
    page.get_by_role("link", name="Leave this page now").click()
    page.wait_for_url(re.compile("weather"))
    page.go_back()
    expect(page.get_by_role("heading", name="Open your messages")).to_be_visible()
    expect(page.get_by_text("Juan")).to_have_count(0)
