"""The platform's REST interface: calls and texts out, and the look at what became of them.

`twilio.rest` is imported where a call is placed, not where one is answered: the web process never needs it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

from hotline.carrier.forms import Form
from hotline.errors import CarrierRefused, CarrierUncertain
from hotline.rules.delivery import AttemptState, call_state, message_state

if TYPE_CHECKING:
    from twilio.rest import Client

TIMEOUT = 10.0
"""Seconds for any request."""


OURS = "outbound-api"
"""The direction of what was asked for over REST: no answer to a text, no person whom a call was connected to."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the platform says of one of its calls or texts."""

    sid: str
    to: str
    created_at: datetime | None
    state: AttemptState | None
    raw_status: str
    error_code: int | None
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """Whose calls they are: the account, and the key that its requests carry."""

    sid: str
    username: str
    password: str
    api_url: str


class Carrier:
    """One platform account. Thread-safe; no request is repeated by itself."""

    def __init__(self, account: Account, number: str, timeout: float = TIMEOUT) -> None:
        self.account = account
        self.number = number
        self.timeout = timeout
        self._lock = Lock()
        self._client: Client | None = None

    def call(self, form: Form) -> str:
        """Place a call (forms.call_form); returns the platform's id.

        Raises CarrierRefused where nothing was placed, CarrierUncertain where it may have been.
        """
        return self._created("Calls", form)

    def text(self, form: Form) -> str:
        """Send a text (forms.text_form); returns the platform's id. Raises as `call` does."""
        return self._created("Messages", form)

    def turn_call(self, sid: str, url: str) -> None:
        """Turn a call in progress to the document at `url`. Raises as `call` does; a call already over is refused."""
        with _told():
            self._twilio().calls(sid).update(url=url, method="POST")

    def hang_up(self, sid: str) -> None:
        """End a call that is queued, ringing or in progress. Raises as `call` does; a call already over is refused."""
        with _told():
            self._twilio().calls(sid).update(status="completed")

    def look_up_call(self, sid: str) -> Seen:
        """What became of a call. Raises as `call` does."""
        with _told():
            return _seen_call(self._twilio().calls(sid).fetch())

    def look_up_text(self, sid: str) -> Seen:
        """What became of a text. Raises as `call` does."""
        with _told():
            return _seen_text(self._twilio().messages(sid).fetch())

    def calls_to(self, to: str, since: datetime) -> Sequence[Seen]:
        """Calls placed to a number since a time, to find one whose answer never came. Raises as `call` does."""
        with _told():
            found = self._twilio().calls.list(to=to, from_=self.number, limit=50)
            return _since([_seen_call(call) for call in found if call.direction == OURS], since)

    def texts_to(self, to: str, since: datetime) -> Sequence[Seen]:
        """Texts sent to a number since a time. Raises as `call` does."""
        with _told():
            found = self._twilio().messages.list(to=to, from_=self.number, limit=50)
            return _since([_seen_text(message) for message in found if message.direction == OURS], since)

    def _created(self, kind: str, form: Form) -> str:
        with _told():
            path = f"/Accounts/{self.account.sid}/{kind}.json"
            return _sid(self._twilio().api.v2010.create("POST", path, data=form))

    def _twilio(self) -> Client:
        with self._lock:
            if self._client is None:
                from twilio.http.http_client import TwilioHttpClient
                from twilio.rest import Client

                client = Client(
                    self.account.username,
                    self.account.password,
                    self.account.sid,
                    http_client=TwilioHttpClient(timeout=self.timeout, max_retries=0),
                )
                client.api.base_url = self.account.api_url
                self._client = client
            return self._client


def _sid(made: Any) -> str:
    sid = made.get("sid")
    if not isinstance(sid, str) or not sid:
        raise CarrierUncertain("an answer came without an id")
    return sid


def _since(seen: Sequence[Seen], since: datetime) -> Sequence[Seen]:
    # The list's own filters go by the start, which a queued one does not have yet.
    return [one for one in seen if one.created_at is None or one.created_at >= since]


def _seen_call(call: Any) -> Seen:
    return Seen(call.sid, call.to, call.date_created, call_state(call.status), str(call.status), None)


def _seen_text(message: Any) -> Seen:
    return Seen(
        message.sid,
        message.to,
        message.date_created,
        message_state(message.status),
        str(message.status),
        message.error_code,
        message.body,
    )


@contextmanager
def _told() -> Iterator[None]:
    """Turn the client's errors into ours."""
    from requests.exceptions import ConnectionError as NoConnection
    from requests.exceptions import ConnectTimeout, RequestException
    from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException

    try:
        yield
    except (TwilioRestException, TwilioServiceException) as fault:
        # Where the platform gave no code of its own, its library puts the HTTP status in that place.
        code = fault.code if isinstance(fault.code, int) and fault.code != fault.status else 0
        raise CarrierRefused(fault.status, code) from None
    except ConnectTimeout:
        raise CarrierRefused(0, 0) from None
    except NoConnection as fault:
        if _never_left(fault):
            raise CarrierRefused(0, 0) from None
        raise CarrierUncertain("the connection was cut after the request had left") from None
    except (RequestException, TwilioException, ValueError, TypeError, AttributeError):  # the last three: not its JSON
        raise CarrierUncertain("no usable answer came") from None


def _never_left(fault: Exception) -> bool:
    """Whether a connection was never made, so that nothing can have been placed."""
    from urllib3.exceptions import NameResolutionError, NewConnectionError

    reason = getattr(fault.args[0], "reason", None) if fault.args else None
    return isinstance(reason, (NewConnectionError, NameResolutionError))
