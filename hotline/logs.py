"""Log lines: structured, and only with fields that are known to tell of nobody."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

FIELDS = frozenset(
    {
        "event", "level", "timestamp", "fault", "where", "call_sid", "message_sid", "attempt_id", "delivery_id",
        "channel", "status", "code", "held", "work", "import_id", "line", "rows", "count", "policy", "port",
    }
)  # fmt: skip
"""What a log line may hold. Anything else is left out: a field is added here by somebody who has thought about it."""


def _allowed(_logger: Any, _name: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: value for name, value in fields.items() if name in FIELDS}


def _fault(_logger: Any, _name: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Of an exception its type and place: its message may quote what must not be told."""
    given = fields.pop("exc_info", None)
    fault = given if isinstance(given, BaseException) else sys.exc_info()[1] if given else None
    if fault is not None:
        frames = traceback.extract_tb(fault.__traceback__)[-6:]
        fields["fault"] = type(fault).__name__
        fields["where"] = " < ".join(f"{f.filename.rpartition('/')[2]}:{f.lineno}" for f in reversed(frames))
    return fields


def configure(stream: Any = None) -> None:
    """Send log lines as JSON to a stream, standard error by default."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _fault,
            _allowed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.getLogger("twilio.http_client").setLevel(logging.WARNING)  # it logs numbers at INFO
