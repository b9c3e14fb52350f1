"""Voice webhooks."""

from __future__ import annotations

from flask import Blueprint, Response

from hotline.carrier.signature import Form
from hotline.carrier.twiml import EMPTY
from hotline.carrier.webhooks import read_call
from hotline.services.answer_call import MACHINE, START, Answer, answer, apology, call_status
from hotline.services.meet_machine import meet_machine
from hotline.web.signed import line_of_app, signed

routes = Blueprint("voice", __name__, url_prefix="/voice")


def _twiml(answered: Answer) -> Response:
    return Response(answered.body, mimetype="text/xml", headers={"X-Hotline-State": answered.state})


@routes.post("/incoming")
@signed
def incoming(form: Form) -> Response:
    """Somebody calls the toll-free number."""
    return _twiml(answer(line_of_app(), read_call(form)))


@routes.post("/step/<token>")
@signed
def step(form: Form, token: str) -> Response:
    """The caller answers a question, or comes back from a person."""
    return _twiml(answer(line_of_app(), read_call(form), token))


@routes.post("/out/<attempt>")
@signed
def out(form: Form, attempt: str) -> Response:
    """A call that we placed was answered."""
    return _twiml(answer(line_of_app(), read_call(form), attempt=attempt))


@routes.post("/machine/<attempt>")
@signed
def machine(form: Form, attempt: str) -> Response:
    """The platform tells, in the middle of a call that we placed, who took it."""
    meet_machine(line_of_app(), read_call(form), attempt)
    return Response(EMPTY, mimetype="text/xml")


@routes.post("/voicemail/<attempt>")
@signed
def voicemail(form: Form, attempt: str) -> Response:
    """A call that a machine took was turned here."""
    return _twiml(answer(line_of_app(), read_call(form), MACHINE, attempt=attempt))


@routes.post("/hold/<int:held>/<token>")
@signed
def hold(form: Form, held: int, token: str) -> Response:
    """A caller who was asked to wait comes back."""
    return _twiml(answer(line_of_app(), read_call(form), token, held=held))


@routes.post("/hold/<int:held>/out/<attempt>")
@signed
def hold_out(form: Form, held: int, attempt: str) -> Response:
    """The same, in a call that we placed."""
    return _twiml(answer(line_of_app(), read_call(form), START, attempt=attempt, held=held))


@routes.post("/hold/<int:held>/voicemail/<attempt>")
@signed
def hold_voicemail(form: Form, held: int, attempt: str) -> Response:
    """The same, in a call that a machine took."""
    return _twiml(answer(line_of_app(), read_call(form), MACHINE, attempt=attempt, held=held))


@routes.post("/fallback")
@signed
def fallback(form: Form) -> Response:
    """The platform could not get an answer from us. Needs no database."""
    return _twiml(apology(line_of_app()))


@routes.post("/status")
@routes.post("/status/<attempt>")
@signed
def status(form: Form, attempt: str | None = None) -> Response:
    """How a call goes, or went."""
    call_status(line_of_app(), read_call(form), attempt)
    return Response(EMPTY, mimetype="text/xml")
