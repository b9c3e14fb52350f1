"""What the subscriber's pages share: the cookie of a visit, forms bound to it, the language, and strict headers.

The cookie is signed and holds no more than an opaque row id: it ends after ten minutes without use.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from babel import Locale
from flask import Response, abort, g, make_response, render_template, request
from itsdangerous import BadSignature, Signer, URLSafeSerializer
from werkzeug.wrappers import Response as AnyResponse

from hotline.services.line import Line, written
from hotline.services.show_messages import Visit
from hotline.web.signed import line_of_app

COOKIE = "__Host-messages"
IDLE, LONGEST = timedelta(minutes=10), timedelta(hours=1)
AWAY = "https://www.weather.gov/"
"""Where whoever has to leave quickly goes: a page that anybody may read."""

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


@dataclass(frozen=True, slots=True)
class Guest:
    """A browser: its random name, to which forms are bound; its language; and whose page it has open, since when."""

    name: str
    language: str
    visit: Visit | None = None
    since: datetime | None = None


def guest() -> Guest:
    """Who asks, as their cookie tells, in the language that they chose."""
    if "guest" not in g:
        known = _read_cookie(line_of_app()) or Guest(secrets.token_urlsafe(16), _spoken())
        wished = request.args.get("lang", "")
        g.guest = replace(known, language=wished) if wished in line_of_app().settings.languages else known
    found = g.guest
    assert isinstance(found, Guest)
    return found


def welcome(visit: Visit, language: str) -> None:
    """From here on this browser has a page open; forms of before hold no more."""
    g.guest = Guest(secrets.token_urlsafe(16), language, visit, line_of_app().clock())


def speak(language: str) -> None:
    """The language of whom a page is for, unless its reader chose one."""
    if COOKIE not in request.cookies and "lang" not in request.args:
        g.guest = replace(guest(), language=language)


def stay(visit: Visit) -> None:
    """The same page goes on under a new mark."""
    g.guest = replace(guest(), visit=visit)


def forget() -> None:
    """Whatever was open is closed; the language stays."""
    g.guest = Guest(secrets.token_urlsafe(16), guest().language)


def check_form() -> None:
    """Let only forms through that this browser was given: any other gets 403, a plain sentence, and changes nothing."""
    if not _signer().verify_signature(guest().name, request.form.get("form", "")):
        abort(403)


def page(template: str, status: int = 200, says: str = "", **shown: Any) -> AnyResponse:
    """A page in the guest's language; `says` is the key of what is told at its top."""
    line, language = line_of_app(), guest().language
    hotline = written(line.settings.number).replace(" ", "\N{NO-BREAK SPACE}")

    def text(key: str, **values: object) -> str:
        return line.show(key, language, **{"hotline": hotline, **values})

    made = render_template(
        f"subscriber/{template}",
        text=text,
        says=told(line, says, language) if says else "",
        language=language,
        languages=[(code, Locale(code).get_display_name(code) or code) for code in line.settings.languages],
        form=_signer().get_signature(guest().name).decode(),
        **shown,
    )
    return make_response(made, status)


def told(line: Line, key: str, language: str) -> str:
    """What answers a form: a text of the pages, or one that callers hear in the same place."""
    return line.show(key, language) if key in line.pages.texts[language] else line.write(key, language)


def guarded(response: Response) -> Response:
    """Headers that keep everything foreign out and nothing behind, and the cookie."""
    response.headers.update(HEADERS)
    found, now = guest(), line_of_app().clock()
    kept: dict[str, Any] = {"name": found.name, "language": found.language, "at": now.timestamp()}
    if found.visit is not None and found.since is not None:
        kept |= {"visit": [found.visit.enrolment_id, found.visit.mark], "since": found.since.timestamp()}
    response.set_cookie(COOKIE, _cookies().dumps(kept), secure=True, httponly=True, samesite="Strict", path="/")
    return response


def _read_cookie(line: Line) -> Guest | None:
    try:
        kept = _cookies().loads(request.cookies.get(COOKIE, ""))
        language, at = str(kept["language"]), datetime.fromtimestamp(kept["at"], line.clock().tzinfo)
        since = datetime.fromtimestamp(kept.get("since", 0), line.clock().tzinfo)
        visit = Visit(*kept["visit"]) if "visit" in kept else None
    except (BadSignature, KeyError, TypeError, ValueError):
        return None
    language = language if language in line.settings.languages else _spoken()
    now = line.clock()
    if visit is not None and (now - at > IDLE or now - since > LONGEST):
        return Guest(secrets.token_urlsafe(16), language)  # forms of that page hold no more either
    return Guest(str(kept["name"]), language, visit, since)


def _spoken() -> str:
    languages = line_of_app().settings.languages
    return request.accept_languages.best_match(languages) or languages[0]


def _cookies() -> URLSafeSerializer:
    return URLSafeSerializer(line_of_app().settings.secret_key, salt="hotline.messages")


def _signer() -> Signer:
    return Signer(line_of_app().settings.secret_key, salt="hotline.messages.form")
