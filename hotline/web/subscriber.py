"""The subscriber's page: where things stand, the last messages, every choice. Nothing of it shows before the PIN."""

from __future__ import annotations

from babel.dates import get_timezone_location
from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from hotline.rules.hours import UNITED_STATES
from hotline.rules.pins import PinRefusal
from hotline.services.change_by_page import ACTS, act
from hotline.services.mail_address import Given, give_address
from hotline.services.show_messages import enter, messages, text_link
from hotline.web.signed import line_of_app
from hotline.web.visits import AWAY, IDLE, check_form, forget, guarded, guest, page, stay, welcome

routes = Blueprint("subscriber", __name__, url_prefix="/messages")
routes.after_request(guarded)

ANSWERS = frozenset(
    {
        "noted", "kept", "number_asked", "number_refused", "number_not_now", "word_refused", "new_pin_done", "deleted",
        "pins_differ", "by_text_done", *(f"pin_{refusal}" for refusal in PinRefusal), *Given,
    }
)  # fmt: skip
"""What the address of the page may ask it to say."""


@routes.get("")
def show() -> AnyResponse:
    """The door, or what stands behind it."""
    says = request.args.get("said", "")
    says = says if says in ANSWERS else ""
    visit, language = guest().visit, guest().language
    shown = None if visit is None else messages(line_of_app(), visit, language)
    if shown is None:
        return page("door.html", says=says)
    zones = [(zone, get_timezone_location(zone, locale=language, return_city=True)) for zone in UNITED_STATES]
    mails = line_of_app().settings.smtp_url is not None
    made = page("messages.html", says=says, shown=shown, zones=zones, mails=mails)
    # A screen that was left alone does not stay open.
    made.headers["Refresh"] = f"{int(IDLE.total_seconds())}; url={url_for('.leave')}"
    return made


@routes.post("/open")
def open_door() -> AnyResponse:
    """Confirmation number and PIN."""
    check_form()
    opened = enter(line_of_app(), request.form.get("confirmation", ""), request.form.get("pin", ""))
    if opened.visit is None:
        return page("door.html", 403, says="locked" if opened.verdict == "locked" else "not_right")
    welcome(opened.visit, opened.language)
    return redirect(url_for(".show"), 303)


@routes.post("/link")
def link() -> AnyResponse:
    """A link by text, for whom the confirmation number belongs to; the answer never tells whether it went."""
    check_form()
    text_link(line_of_app(), request.form.get("confirmation", ""))
    return _back("by_text_done")


@routes.post("/do/<name>")
def do(name: str) -> AnyResponse:
    """One act of the page, and back to it."""
    check_form()
    visit = guest().visit
    if name not in ACTS:
        abort(404)
    done = None if visit is None else act(line_of_app(), visit, name, request.form.to_dict())
    if done is None:
        abort(403)
    if done.visit is None:
        forget()
    else:
        stay(done.visit)
    return _back(done.says)


@routes.post("/address")
def address() -> AnyResponse:
    """A mail address, which is asked before anything else goes there."""
    check_form()
    visit = guest().visit
    given = None if visit is None else give_address(line_of_app(), visit, request.form.get("address", ""))
    if given is None:
        abort(403)
    return _back(given)


@routes.get("/delete")
def sure() -> AnyResponse:
    """Asks once more before everything is deleted."""
    return page("delete.html") if guest().visit else redirect(url_for(".show"), 303)


@routes.post("/close")
def close() -> AnyResponse:
    """Closes what is open."""
    check_form()
    forget()
    return redirect(url_for(".show"), 303)


@routes.get("/leave")
def leave() -> AnyResponse:
    """Away from here at once: it closes what is open and shows the weather."""
    forget()
    return redirect(AWAY, 303)


@routes.errorhandler(HTTPException)
def refused(fault: HTTPException) -> AnyResponse:
    """One plain sentence, and the way back."""
    code = fault.code or 500
    return page("door.html", code, says={403: "too_old", 404: "gone"}.get(code, "not_working"))


def _back(says: str) -> AnyResponse:
    return redirect(url_for(".show", said=says), 303)
