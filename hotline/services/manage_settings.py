"""The settings of a signed-up caller: voicemail, hours, language, and what texts say."""

from __future__ import annotations

from collections.abc import Mapping

from hotline.ivr.session import Done
from hotline.rules.links import Purpose
from hotline.services import change_enrolment
from hotline.services.actions import Result, Turn, action
from hotline.services.links import send_link
from hotline.services.manage_enrolment import managed, subscriber_of

ZONES: Mapping[str, str] = {
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "mountain": "America/Denver",
    "arizona": "America/Phoenix",
    "pacific": "America/Los_Angeles",
}
"""The zones that most callers live in, by the last part of their prompt's key."""

MORE_ZONES: Mapping[str, str] = {
    "alaska": "America/Anchorage",
    "hawaii": "Pacific/Honolulu",
    "atlantic": "America/Puerto_Rico",
    "guam": "Pacific/Guam",
    "samoa": "Pacific/Pago_Pago",
}
"""The others."""


@action("kept")
def set_voicemail(turn: Turn) -> Result:
    """Whether a neutral message may be left."""
    change_enrolment.set_wishes(turn.db, managed(turn), turn.now, voicemail=turn.answers["voicemail"] == "yes")
    return Done("kept")


@action("kept")
def set_hours(turn: Turn) -> Result:
    """Whether urgent news may come at any hour."""
    change_enrolment.set_wishes(turn.db, managed(turn), turn.now, any_hour=turn.answers["hours"] == "any_hour")
    return Done("kept")


@action("offered", gives=("zones", "zones_spoken"))
def offer_zones(turn: Turn) -> Result:
    """Time zones to choose from."""
    return _offered(turn, ZONES)


@action("offered", gives=("zones", "zones_spoken"))
def offer_more_zones(turn: Turn) -> Result:
    """More of them."""
    return _offered(turn, MORE_ZONES)


def _offered(turn: Turn, zones: Mapping[str, str]) -> Done:
    return Done("offered", {"zones": [*zones], "zones_spoken": [turn.say(f"zone_{name}") for name in zones]})


@action("kept")
def set_zone(turn: Turn) -> Result:
    """The zone whose day counts."""
    zone = {**ZONES, **MORE_ZONES}[str(turn.answers["zone"])]
    change_enrolment.set_zone(turn.db, subscriber_of(turn, managed(turn)), zone, turn.now)
    return Done("kept")


@action("kept")
def set_language(turn: Turn) -> Result:
    """News comes in the language that was just chosen, in which this call goes on."""
    change_enrolment.set_wishes(turn.db, managed(turn), turn.now, language=turn.language)
    return Done("kept")


@action("kept")
def set_texts(turn: Turn) -> Result:
    """Whether texts may say what happened."""
    fuller = turn.answers["texts"] == "fuller_texts"
    change_enrolment.set_wishes(turn.db, managed(turn), turn.now, fuller_texts=fuller)
    return Done("kept")


@action("sent", "refused")
def send_mail_link(turn: Turn) -> Result:
    """Text a link to the page that takes a mail address; only to a number that said yes."""
    enrolment = managed(turn)
    sent = enrolment.confirmed_at is not None and send_link(turn.line, turn.db, enrolment, Purpose.ADDRESS, turn.now)
    return Done("sent" if sent else "refused")
