"""Mail services report here what came back."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, abort, request

from hotline.services.bounces import take_report
from hotline.web.signed import line_of_app

routes = Blueprint("bounces", __name__, url_prefix="/mail")


@routes.post("/bounces")
def bounces() -> Response:
    """A report, from whoever shows our token. The answer is the same whether or not it told of a mail of ours."""
    token = line_of_app().settings.mail_bounce_token
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token is None or not hmac.compare_digest(shown.encode(), token.encode()):
        abort(403)
    take_report(line_of_app(), request.get_data(), trusted=True)
    return Response(status=204)
