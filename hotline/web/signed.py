"""Webhooks of the platform: only what it signed gets in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from flask import Response, abort, current_app, request

from hotline.carrier.signature import Form, SignatureCheck
from hotline.services.line import Line

P = ParamSpec("P")


def line_of_app() -> Line:
    """The line that this web process serves."""
    line = current_app.extensions["line"]
    assert isinstance(line, Line)
    return line


def signed(view: Callable[Concatenate[Form, P], Response]) -> Callable[P, Response]:
    """Pass a view the form of a request that the platform signed; anybody else's gets 403 and changes nothing."""

    @wraps(view)
    def check(*args: P.args, **kwargs: P.kwargs) -> Response:
        settings = line_of_app().settings
        try:
            form = Form.read(request.get_data())
        except ValueError:
            abort(403)
        checker = SignatureCheck(settings.public_url, settings.auth_tokens)
        if not checker.accepts(_target(), form, request.headers.get("X-Twilio-Signature")):
            abort(403)
        return view(form, *args, **kwargs)

    return check


def _target() -> str:
    """Path and query exactly as on the wire: Werkzeug's own address is decoded and differs from what was signed."""
    raw = str(
        request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.full_path.removesuffix("?")
    )
    if not raw.startswith("/"):  # a proxy may pass the whole address on
        raw = "/" + raw.partition("://")[2].partition("/")[2]
    return raw
