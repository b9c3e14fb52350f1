"""Links that we sent: each opens one small page that tells nothing, and asks for a press of a button before it acts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from hotline.rules.links import Purpose
from hotline.services.choose_pin import choose_pin, consent_of
from hotline.services.links import purpose_of
from hotline.services.mail_address import address_says_yes, give_address, unsubscribe
from hotline.services.show_messages import enter_by_link
from hotline.web.signed import line_of_app
from hotline.web.visits import check_form, guarded, guest, page, speak, welcome

routes = Blueprint("links", __name__, url_prefix="/l")
routes.after_request(guarded)


@routes.get("/<token>")
def show(token: str) -> AnyResponse:
    """The page of a link. Programs that follow every link of a mail change nothing by it."""
    found = purpose_of(line_of_app(), token)
    if found is None:
        abort(404)
    purpose, language = found
    speak(language)
    return PAGES[purpose](token)


@routes.post("/<token>")
def do(token: str) -> AnyResponse:
    """What the link is for. A mail reader's own button for no more mails knows no cookie and no form (RFC 8058)."""
    if unsubscribe(line_of_app(), token):
        return page("said.html", says="unsubscribe_done")
    found = purpose_of(line_of_app(), token)
    if found is None:
        abort(404)
    check_form()
    return ACTS[found[0]](token)


def _ask_pin(token: str) -> AnyResponse:
    return page("link_pin.html", token=token, address=False)


def _ask_address(token: str) -> AnyResponse:
    return page("link_pin.html", token=token, address=True)


def _ask_yes(token: str) -> AnyResponse:
    return page("link_button.html", token=token, what="address_yes")


def _ask_unsubscribe(token: str) -> AnyResponse:
    return page("link_button.html", token=token, what="unsubscribe")


def _ask_first_pin(token: str, says: str = "", status: int = 200) -> AnyResponse:
    consent = consent_of(line_of_app(), token, guest().language)
    if consent is None:
        abort(404)
    return page("choose_pin.html", status, says=says, token=token, consent=consent)


def _open(token: str) -> AnyResponse:
    line, given = line_of_app(), request.form.get("address")
    opened = enter_by_link(line, token, request.form.get("pin", ""))
    if opened is None:
        abort(404)
    if opened.visit is None:
        says = "locked" if opened.verdict == "locked" else "pin_not_right"
        return page("link_pin.html", 403, says=says, token=token, address=given is not None)
    welcome(opened.visit, guest().language)
    said = None if given is None else give_address(line, opened.visit, given)
    return redirect(url_for("subscriber.show", said=said), 303)


def _say_yes(token: str) -> AnyResponse:
    if not address_says_yes(line_of_app(), token):
        abort(404)
    return page("said.html", says="address_yes_done")


def _choose(token: str) -> AnyResponse:
    form, language = request.form, guest().language
    agreed = "eligible" in form and "consent" in form
    chosen = choose_pin(line_of_app(), token, language, form.get("pin", ""), form.get("again", ""), agreed)
    if chosen is None:
        abort(404)
    if chosen.confirmation is None:
        return _ask_first_pin(token, chosen.says, 422)
    return page("said.html", says=chosen.says, confirmation=chosen.confirmation)


PAGES: Mapping[Purpose, Callable[[str], AnyResponse]] = {
    Purpose.MANAGE: _ask_pin,
    Purpose.ADDRESS: _ask_address,
    Purpose.ADDRESS_YES: _ask_yes,
    Purpose.CHOOSE_PIN: _ask_first_pin,
    Purpose.UNSUBSCRIBE: _ask_unsubscribe,
}
ACTS: Mapping[Purpose, Callable[[str], AnyResponse]] = {
    Purpose.MANAGE: _open,
    Purpose.ADDRESS: _open,
    Purpose.ADDRESS_YES: _say_yes,
    Purpose.CHOOSE_PIN: _choose,
}
"""What a link does once its page was answered; no more mails is done before."""


@routes.errorhandler(HTTPException)
def refused(fault: HTTPException) -> AnyResponse:
    """One plain sentence."""
    code = fault.code or 500
    return page("said.html", code, says={403: "too_old", 404: "not_open"}.get(code, "not_working"))
