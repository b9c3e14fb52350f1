"""A telephone in a web page, to try the line with: only where the simulator carries the calls.

Every part works without JavaScript: a form for each thing that a hand does, and a redirect after it. The
script of the page only sends the same forms in the background and swaps the answer in.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, g, make_response, redirect, render_template, request, url_for
from itsdangerous import Signer
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from hotline.services.line import written
from hotline.settings import LOOPBACK, Settings
from hotline.simulator.telephone import LiveCall, Telephone, TelephoneError
from hotline.web.signed import line_of_app

routes = Blueprint("phone", __name__, url_prefix="/phone")

Form = MultiDict[str, str]

DEMO_NUMBERS = ("+12025550123", "+12025550124", "+12135550147", "+15125550168")
"""The callers' handsets; an address names one by its place here, never by its number."""

KEYPAD = (
    ("1", ""), ("2", "ABC"), ("3", "DEF"),
    ("4", "GHI"), ("5", "JKL"), ("6", "MNO"),
    ("7", "PQRS"), ("8", "TUV"), ("9", "WXYZ"),
    ("*", "star"), ("0", ""), ("#", "pound"),
)  # fmt: skip
"""Keys as a telephone has them, with what stands below each."""

CALLER_DID: Mapping[str, str] = {
    "keys": "pressed {}",
    "speech": "“{}”",
    "silence": "said nothing",
    "recording": "spoke into the recording",
    "hang up": "hung up",
}
"""What the holder of a handset did, by the simulator's word for it."""

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#0b6b67"/>'
    '<path d="M4 4h0M8 4h0M12 4h0M4 8h0M8 8h0M12 8h0M4 12h0M8 12h0M12 12h0" '
    'stroke="#fff" stroke-width="2.4" stroke-linecap="round"/></svg>'
)

COOKIE = "phone"
MACHINE = "machine_end_beep"
NO_SIMULATOR = "The telephone is out of order: the simulator does not answer. Start the line again with “make run”."


# ---- what is shown


@dataclass(frozen=True, slots=True)
class Handset:
    """One telephone: its number in E.164, and whose it is."""

    number: str
    owner: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the conversation. `who` is line, you or note; `language` a BCP 47 tag, or empty."""

    who: str
    words: str
    language: str


def handsets(settings: Settings) -> tuple[Handset, ...]:
    """The telephones on the table: the callers' and, last, the operator's."""
    callers = tuple(Handset(number, f"caller {n}") for n, number in enumerate(DEMO_NUMBERS, 1))
    operator = settings.operator_number
    return (*callers, Handset(operator, "operator")) if operator else callers


def conversation(transcript: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """What was said, to read: keys pressed one after another are one entry.

    Words of the caller are taken to be in the language that the line spoke last.
    """
    entries: list[Entry] = []
    language = ""
    for (who, kind), run in groupby(transcript, key=lambda said: (said["who"], said["kind"])):
        said = list(run)
        if who == "caller" and kind == "keys":
            entries.append(Entry("you", CALLER_DID[kind].format(" ".join("".join(s["text"] for s in said))), ""))
        elif who == "caller":
            did = CALLER_DID.get(kind, kind)
            entries += [Entry("you", did.format(s["text"]), language if kind == "speech" else "") for s in said]
        elif who == "platform":
            entries += [Entry("note", s["text"].strip("()"), s["language"]) for s in said]
        else:
            entries += [Entry("line", s["text"] or "(a recording)", s["language"]) for s in said]
            language = said[-1]["language"] or language
    return entries


def newest(entries: Sequence[Entry]) -> int:
    """Index of the first entry after the caller's last act; the last entry where nothing followed."""
    after = max((n for n, entry in enumerate(entries) if entry.who == "you"), default=-1) + 1
    return min(after, len(entries) - 1)


def awaited(waiting: Mapping[str, Any] | None) -> str:
    """What the line takes now, in one or two sentences."""
    match waiting:
        case None:
            return "You are connected."
        case {"verb": "dial", "joined": joined}:
            return "You are connected to a person." if joined else "The line rings another telephone."
        case {"verb": "record"}:
            return "The line is recording. Say something, then press #."
    ways = []
    if "dtmf" in waiting["input"]:
        end = waiting["finish_on_key"]
        ways.append("one key" if waiting["num_digits"] == 1 else f"keys and {end}" if end else "keys")
    if "speech" in waiting["input"]:
        ways.append("words")
    pressed = f" So far: {' '.join(waiting['keys'])}." if waiting["keys"] else ""
    return f"The line waits for {' or '.join(ways)}.{pressed}"


# ---- what a hand can do


def _call_of(phone: Telephone) -> LiveCall:
    call = phone.call
    if call is None or call.ended:
        raise TelephoneError("you are in no call: call the line first")
    return call


def _given(form: Form, name: str) -> str:
    words = form.get(name, "").strip()
    if not words:
        raise TelephoneError("there was nothing to send: write something first")
    return words


ACTS: Mapping[str, Callable[[Telephone, str, Form], object]] = {
    "call": lambda phone, line, form: phone.dial(line),
    "hang-up": lambda phone, line, form: _call_of(phone).hang_up(),
    "press": lambda phone, line, form: _call_of(phone).press(_given(form, "keys").replace(" ", "")),
    "say": lambda phone, line, form: _call_of(phone).speak(_given(form, "words")),
    "wait": lambda phone, line, form: _call_of(phone).wait(),
    "answer": lambda phone, line, form: phone.answer(),
    "machine": lambda phone, line, form: phone.answer(MACHINE),
    "decline": lambda phone, line, form: phone.decline(),
    "text": lambda phone, line, form: phone.text(line, _given(form, "body")),
}
"""The acts that a page can post, as the end of their address."""


# ---- pages


@routes.get("")
def page() -> AnyResponse:
    """The whole page. `handset` is a place in the table of handsets; `watch` loads it again by itself."""
    return _rendered("phone.html", "Your text was sent." if "sent" in request.args else "")


@routes.get("/now")
def now() -> AnyResponse:
    """The part of the page that changes by itself."""
    return _rendered("phone_now.html")


@routes.get("/icon.svg")
def icon() -> AnyResponse:
    """The mark in the browser's tab: the keys of a telephone."""
    return Response(ICON, mimetype="image/svg+xml")


@routes.post("/<act>")
def do(act: str) -> AnyResponse:
    """One act of the hand that holds the telephone; where it can't be done, the page says why (409)."""
    if not _signer().verify_signature(_visitor(), request.form.get("token", "")):
        abort(403, "This page is too old, so nothing was done. Open the telephone again.")
    if act not in ACTS:
        abort(404, "There is no such key on this telephone.")
    settings = line_of_app().settings
    try:
        ACTS[act](_telephone(), settings.number, request.form)
    except TelephoneError as fault:
        reason = str(fault)
        return _rendered("phone.html", f"{reason[:1].upper()}{reason[1:]}.", 409)
    there = {**_where(), "sent": 1, "_anchor": "texts"} if act == "text" else {**_where(), "_anchor": "latest"}
    return redirect(url_for(".page", **there), 303)


def _rendered(template: str, notice: str = "", status: int = 200) -> AnyResponse:
    settings = line_of_app().settings
    telephone = _telephone()
    try:
        seen = telephone.look()
    except TelephoneError:
        abort(503, NO_SIMULATOR)
    call = seen["call"]
    entries = conversation(call["transcript"]) if call else []
    live = bool(call and not call["ended"])
    shown = render_template(
        template,
        handsets=handsets(settings),
        chosen=_chosen(),
        where=_where(),
        watch="watch" in request.args,
        line_number=settings.number,
        written=written,
        keypad=KEYPAD,
        notice=notice,
        fault=status != 200,
        token=_signer().get_signature(_visitor()).decode(),
        ringing=seen["ringing"],
        texts=seen["texts"],
        picks_up=seen["picks_up"],
        call=call,
        live=live,
        awaited=awaited(call["waiting_for"]) if live else "",
        entries=entries,
        newest=newest(entries),
    )
    return make_response(shown, status)


@routes.errorhandler(HTTPException)
def refused(fault: HTTPException) -> AnyResponse:
    """One plain sentence, and the way back."""
    return make_response(render_template("phone_fault.html", said=fault.description), fault.code or 500)


# ---- whose page it is


@routes.before_request
def only_from_here() -> None:
    """A foreign site whose name was pointed at this machine must not drive the telephone."""
    public = line_of_app().settings.public_url
    if urlsplit(f"//{request.host}").hostname not in (*LOOPBACK, urlsplit(public).hostname):
        abort(403, f"Open the telephone at {public}/phone.")


@routes.after_request
def guarded(response: Response) -> Response:
    """Headers that keep foreign script and stale pages out; the cookie to which forms are bound."""
    response.headers.update(HEADERS)
    if "new_visitor" in g:
        response.set_cookie(
            COOKIE, g.new_visitor, path="/phone", httponly=True, samesite="Strict", secure=request.is_secure
        )
    return response


def _visitor() -> str:
    """The browser's own random name, from its cookie or new."""
    known = request.cookies.get(COOKIE) or g.get("new_visitor")
    if known is None:
        known = g.new_visitor = secrets.token_urlsafe(24)
    return str(known)


def _signer() -> Signer:
    return Signer(line_of_app().settings.secret_key, salt="hotline.phone")


def _chosen() -> int:
    text = request.args.get("handset", "0")
    if not (text.isascii() and text.isdecimal() and int(text) < len(handsets(line_of_app().settings))):
        abort(404, "There is no such handset.")
    return int(text)


def _where() -> dict[str, Any]:
    """What an address of this page carries."""
    return {"handset": _chosen(), **({"watch": 1} if "watch" in request.args else {})}


def _telephone() -> Telephone:
    settings = line_of_app().settings
    return Telephone(f"http://127.0.0.1:{settings.simulator_port}", handsets(settings)[_chosen()].number)
