from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from hotline.logs import FIELDS, configure

NUMBER = "+12025550123"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    configure(stream)
    yield stream
    configure(io.StringIO())


def line(stream: io.StringIO) -> dict[str, str]:
    text = stream.getvalue()
    assert text.count("\n") == 1
    return dict(json.loads(text))


def test_a_line_is_one_json_object_with_its_time_in_utc(stream: io.StringIO) -> None:
    structlog.get_logger().info("call_held", call_sid="CA1", held=2)
    told = line(stream)
    assert (told["event"], told["level"], told["call_sid"], told["held"]) == ("call_held", "info", "CA1", 2)
    assert told["timestamp"].endswith("Z")


def test_a_field_that_nobody_thought_about_is_left_out(stream: io.StringIO) -> None:
    bound = structlog.get_logger().bind(caller=NUMBER)
    bound.warning("call_held", name="Juan", number=NUMBER, stack=NUMBER, _private=NUMBER, call_sid="CA1")
    assert set(line(stream)) == {"event", "level", "timestamp", "call_sid"}
    assert NUMBER not in stream.getvalue()


def test_of_an_exception_its_kind_and_place_are_told_and_never_its_message(stream: io.StringIO) -> None:
    def fails() -> None:
        raise ValueError(f"{NUMBER} is not a number")

    for log in (structlog.get_logger().exception, lambda e: structlog.get_logger().error(e, exc_info=True)):
        try:
            fails()
        except ValueError:
            log("call_failed")
        told = line(stream)
        assert told["fault"] == "ValueError"
        assert told["where"].startswith("test_logs.py:")
        assert NUMBER not in stream.getvalue()
        stream.seek(0)
        stream.truncate()


def test_an_exception_handed_over_by_itself_is_told_the_same_way(stream: io.StringIO) -> None:
    kept = None
    try:
        raise KeyError(NUMBER)
    except KeyError as fault:
        kept = fault
    structlog.get_logger().error("call_failed", exc_info=kept)
    assert line(stream)["fault"] == "KeyError"
    assert NUMBER not in stream.getvalue()


def test_a_message_of_an_exception_chain_is_not_told_either(stream: io.StringIO) -> None:
    try:
        try:
            raise KeyError(NUMBER)
        except KeyError as first:
            raise RuntimeError(f"for {NUMBER}") from first
    except RuntimeError:
        structlog.get_logger().exception("call_failed")
    assert line(stream)["fault"] == "RuntimeError"
    assert NUMBER not in stream.getvalue()


def test_debug_lines_are_not_written(stream: io.StringIO) -> None:
    structlog.get_logger().debug("call_held")
    assert stream.getvalue() == ""


def test_the_platforms_own_client_logs_no_number(stream: io.StringIO) -> None:
    assert not logging.getLogger("twilio.http_client").isEnabledFor(logging.INFO)


def test_the_allow_list_names_nothing_that_tells_of_somebody() -> None:
    for telling in ("name", "number", "caller", "sender", "to", "from", "body", "person", "subject", "answer", "url"):
        assert telling not in FIELDS
