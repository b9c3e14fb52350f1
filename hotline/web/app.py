"""The web process: webhooks, subscribers' pages, health, and the browser phone."""

from __future__ import annotations

import structlog
from flask import Flask
from werkzeug.exceptions import HTTPException

from hotline.services.line import Line
from hotline.web import bounces, health, links, phone, subscriber, texts, voice

log = structlog.get_logger()

LARGEST_FORM = 64 * 1024


def make_app(line: Line) -> Flask:
    """The WSGI application of a line."""
    app = Flask("hotline.web")
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_FORM, SECRET_KEY=line.settings.secret_key)
    app.url_map.strict_slashes = False
    app.extensions["line"] = line
    app.register_blueprint(voice.routes)
    app.register_blueprint(texts.routes)
    app.register_blueprint(subscriber.routes)
    app.register_blueprint(links.routes)
    app.register_blueprint(bounces.routes)
    app.register_blueprint(health.routes)
    if line.settings.simulated:
        app.register_blueprint(phone.routes)
    app.register_error_handler(Exception, _failed)
    return app


def _failed(fault: Exception) -> tuple[str, int] | HTTPException:
    if isinstance(fault, HTTPException):
        return fault
    log.exception("request_failed")
    return "Something went wrong on our side. Please try again.\n", 500
