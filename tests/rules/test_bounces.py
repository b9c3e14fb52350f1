"""What came back is read whatever its shape, and nothing that comes can make it fall over."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.rules.bounces import KINDS, LONGEST, Kind, Report, read_report

ID, TO = "Zm9vYmFyYmF6cXV4@example.org", "ana@example.net"

BOUNCE = f"""\
From: MAILER-DAEMON@mx.example.net
To: line@example.org
Subject: Undelivered Mail Returned to Sender
Message-ID: <another@mx.example.net>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

The mail could not be delivered. Message-ID: <nobody@example.org>
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
Arrival-Date: Mon, 2 Mar 2026 15:00:00 +0000

Final-Recipient: rfc822; {TO}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user
--b
Content-Type: message/rfc822

From: line@example.org
To: {TO}
Message-ID: <{ID}>
Subject: A message you asked for

A message you asked for is here.
--b--
"""
HEADERS_ONLY = BOUNCE.replace("Content-Type: message/rfc822\n\n", "Content-Type: text/rfc822-headers\n\n")
DELAYED = BOUNCE.replace("Action: failed", "Action: delayed").replace("5.1.1\nDiag", "4.4.1\nDiag")
COMPLAINT = f"""\
From: abuse@mail.example.net
To: line@example.org
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

A reader complained.
--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: reader/1.0
Version: 1
Original-Rcpt-To: <{TO}>
--b
Content-Type: message/rfc822

From: line@example.org
Message-ID: <{ID}>

text
--b--
"""


@pytest.mark.parametrize(
    ("body", "report"),
    [
        (BOUNCE, Report(Kind.PERMANENT, ID, TO)),
        (BOUNCE.replace("\n", "\r\n"), Report(Kind.PERMANENT, ID, TO)),
        (HEADERS_ONLY, Report(Kind.PERMANENT, ID, TO)),
        (DELAYED, Report(Kind.TRANSIENT, ID, TO)),
        (BOUNCE.replace("Status: 5.1.1", "Status: 4.2.2"), Report(Kind.TRANSIENT, ID, TO)),
        (BOUNCE.replace("Action: failed", "Action: delivered"), None),
        (BOUNCE.split("--b\nContent-Type: message/rfc822")[0] + "--b--\n", Report(Kind.PERMANENT, "", TO)),
        (COMPLAINT, Report(Kind.COMPLAINT, ID, TO)),
        ("Subject: I am on holiday\nAuto-Submitted: auto-replied\nMessage-ID: <x@y>\n\nBack soon\n", None),
        (json.dumps({"kind": "permanent", "message_id": f"<{ID}>"}), Report(Kind.PERMANENT, ID, "")),
        (json.dumps({"kind": "Complaint", "recipient": f"Ana <{TO}>"}), Report(Kind.COMPLAINT, "", TO)),
        (json.dumps({"kind": "soft", "message_id": ID, "recipient": TO}), Report(Kind.TRANSIENT, ID, TO)),
        (json.dumps({"kind": ["permanent"], "message_id": ID}), None),
        (json.dumps({"kind": "permanent", "message_id": {"a": 1}}), Report(Kind.PERMANENT, "", "")),
        ("{}", None),
        ("{", None),
        ("[" * 9000, None),
        ('{"a":' * 30_000, None),
        ("", None),
    ],
)
def test_a_report_tells_what_came_back_and_of_which_mail(body: str, report: Report | None) -> None:
    assert read_report(body.encode()) == report


@given(st.binary(max_size=2000))
def test_any_bytes_are_read_without_a_fault(body: bytes) -> None:
    assert read_report(body) is None or read_report(body) is not None


@given(st.data())
def test_a_report_with_anything_cut_or_put_in_is_read_without_a_fault(data: st.DataObject) -> None:
    body = data.draw(st.sampled_from([BOUNCE, DELAYED, COMPLAINT, HEADERS_ONLY])).encode()
    at, to = sorted(data.draw(st.tuples(st.integers(0, len(body)), st.integers(0, len(body)))))
    put_in = data.draw(st.binary(max_size=40))
    report = read_report(body[:at] + put_in + body[to:])
    assert report is None or report.kind in set(KINDS.values())


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner), max_leaves=5))
def test_json_of_any_shape_is_read_without_a_fault(value: object) -> None:
    for name in ("kind", "message_id", "recipient"):
        said = {"kind": "hard", "message_id": ID, "recipient": TO, name: value}
        report = read_report(json.dumps(said).encode())
        assert report is None or report.kind in set(KINDS.values())


def test_only_the_beginning_of_something_endless_is_looked_at() -> None:
    assert read_report(BOUNCE.encode() + b"x" * (10 * LONGEST)) == Report(Kind.PERMANENT, ID, TO)
