"""The way to a person: now, or by a call back to a number that is left."""

from __future__ import annotations

from hotline.ivr.commands import Dial
from hotline.ivr.session import Done
from hotline.services.actions import Result, Turn, Waits, action
from hotline.services.enroll import number_given
from hotline.store import tasks


@action("reached", "not_reached")
def reach_person(turn: Turn) -> Result:
    """Connect to the operator, where there is one."""
    operator = turn.line.settings.operator_number
    return Waits(Dial(operator)) if operator else Done("not_reached")


@action("kept", "refused")
def keep_callback(turn: Turn) -> Result:
    """Keep the number for a person to call back: nobody is ever called back who did not ask for it."""
    given = number_given(turn, str(turn.answers["callback_said"]))
    if given.outcome == "refused":
        return Done("refused")
    tasks.open_task(turn.db, "call_back", turn.now, call_id=turn.call.id, note=str(given.answers["number"]))
    return Done("kept")
