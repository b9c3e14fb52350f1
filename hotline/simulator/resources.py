"""Calls, texts and recordings as the platform's REST interface shows them."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime

from hotline.simulator import texts
from hotline.simulator.exchange import Exchange, Message, Recording
from hotline.simulator.line import Call

ROOT = "/2010-04-01/Accounts/"
Json = dict[str, object]


def call_json(exchange: Exchange, call: Call) -> Json:
    """A call as the platform shows it."""
    return {
        "sid": call.sid,
        "account_sid": exchange.account_sid,
        "parent_call_sid": call.parent_sid or None,
        "to": call.called,
        "from": call.caller,
        "to_formatted": call.called,
        "from_formatted": call.caller,
        "phone_number_sid": None,
        "status": rest_status(call),
        "start_time": _date(call.started),
        "end_time": _date(call.finished),
        "duration": str(call.seconds) if call.ended else None,
        "price": None,
        "price_unit": "USD",
        "direction": call.direction,
        "answered_by": call.answered_by or None,
        "forwarded_from": None,
        "caller_name": None,
        "group_sid": None,
        "queue_time": "0",
        "trunk_sid": None,
        "annotation": None,
        "api_version": "2010-04-01",
        "date_created": _date(call.created),
        "date_updated": _date(call.finished or call.started or call.created),
        "uri": f"{ROOT}{exchange.account_sid}/Calls/{call.sid}.json",
        "subresource_uris": {},
    }


def rest_status(call: Call) -> str:
    """REST has no word for a call that is being set up."""
    return "queued" if call.status == "initiated" else call.status


def message_json(exchange: Exchange, message: Message) -> Json:
    """A text as the platform shows it."""
    return {
        "sid": message.sid,
        "account_sid": exchange.account_sid,
        "messaging_service_sid": None,
        "to": message.recipient,
        "from": message.sender,
        "body": message.body,
        "status": message.status,
        "direction": message.direction,
        "num_segments": str(texts.segments(message.body)),
        "num_media": "0",
        "price": None,
        "price_unit": "USD",
        "error_code": message.error_code or None,
        "error_message": None,
        "api_version": "2010-04-01",
        "date_created": _date(message.created),
        "date_sent": _date(message.sent),
        "date_updated": _date(message.sent or message.created),
        "uri": f"{ROOT}{exchange.account_sid}/Messages/{message.sid}.json",
        "subresource_uris": {},
    }


def recording_json(exchange: Exchange, recording: Recording) -> Json:
    """A recording as the platform shows it."""
    return {
        "sid": recording.sid,
        "account_sid": exchange.account_sid,
        "call_sid": recording.call_sid,
        "conference_sid": None,
        "channels": 1,
        "source": "RecordVerb",
        "status": recording.status,
        "duration": str(recording.seconds),
        "start_time": _date(recording.created),
        "date_created": _date(recording.created),
        "date_updated": _date(recording.created),
        "price": None,
        "price_unit": "USD",
        "error_code": None,
        "encryption_details": None,
        "media_url": recording.url,
        "api_version": "2010-04-01",
        "uri": f"{ROOT}{exchange.account_sid}/Recordings/{recording.sid}.json",
        "subresource_uris": {},
    }


def _date(when: datetime | None) -> str | None:
    return format_datetime(when) if when else None
