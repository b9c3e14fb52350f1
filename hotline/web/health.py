"""Is the process up, can it work, and how much of it is there: for load balancers and monitors."""

from __future__ import annotations

from flask import Blueprint, Response

from hotline.errors import HotlineError
from hotline.services.figures import is_ready, metrics
from hotline.web.signed import line_of_app

routes = Blueprint("health", __name__)


@routes.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


@routes.get("/readyz")
def readyz() -> Response:
    """The process can take calls: the database answers and has this version's tables."""
    ready = is_ready(line_of_app())
    return Response("ready\n" if ready else "the database is not ready\n", 200 if ready else 503, mimetype="text/plain")


@routes.get("/metrics")
def metrics_page() -> Response:
    """Counts in Prometheus' text format; no name, no number."""
    try:
        return Response(metrics(line_of_app()), mimetype="text/plain; version=0.0.4")
    except HotlineError as fault:
        return Response(f"{fault}\n", 503, mimetype="text/plain")
