"""Text webhooks."""

from __future__ import annotations

from flask import Blueprint, Response

from hotline.carrier.signature import Form
from hotline.carrier.twiml import EMPTY
from hotline.carrier.webhooks import read_text
from hotline.services.answer_text import answer_text, text_status
from hotline.web.signed import line_of_app, signed

routes = Blueprint("texts", __name__, url_prefix="/sms")


@routes.post("/incoming")
@signed
def incoming(form: Form) -> Response:
    """Somebody texts the hotline."""
    return Response(answer_text(line_of_app(), read_text(form)), mimetype="text/xml")


@routes.post("/status")
@routes.post("/status/<attempt>")
@signed
def status(form: Form, attempt: str | None = None) -> Response:
    """What became of a text that we sent."""
    text_status(line_of_app(), read_text(form), attempt)
    return Response(EMPTY, mimetype="text/xml")
