"""Answers a voice webhook: one row a call, one step a webhook, and the same answer however often it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import perf_counter

import structlog
from sqlalchemy.orm import Session as Transaction

from hotline.carrier import twiml
from hotline.carrier.webhooks import CallHook
from hotline.ivr import engine
from hotline.ivr.commands import Ask, Command, Do, Enter, HangUp, Say
from hotline.ivr.flow import Decide, Flow, Menu
from hotline.ivr.session import Done, Event, Heard, HungUp, Keys, Resumed, Session, Started, TimeUp
from hotline.rules.delivery import Answerer, AttemptState, DeliveryState, advance
from hotline.rules.occasions import Occasion, kind
from hotline.services import actions, outcomes
from hotline.services.actions import Slowly, Turn, Waits
from hotline.services.find_person import country_hints
from hotline.services.line import Line
from hotline.store import calls, deliveries
from hotline.store.database import DatabaseBusy
from hotline.store.models import Attempt, Call, CallStep, Delivery, Enrolment, key_ring, new_id

log = structlog.get_logger()

LONGEST_CALL = timedelta(minutes=30)
FORGOTTEN_AFTER = LONGEST_CALL + timedelta(minutes=10)
MOST_HOLDS = 5
START = "start"
"""The token of a call's first request."""
MACHINE = "machine"
"""The token of the request of a call that was turned here because a machine took it."""


FLOWS = {
    Occasion.EVENT: "notify",
    Occasion.VERIFY: "verify",
    Occasion.CHANGE: "verify",
    Occasion.RECONFIRM: "reconfirm",
    Occasion.MOVED: "moved",
    Occasion.ENDED: "ended",
}
"""The flow of a call that we placed, by what it is for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A TwiML document, and the state in which the call now waits."""

    body: str
    state: str


def answer(
    line: Line, hook: CallHook, token: str = START, *, attempt: str | None = None, held: int | None = None
) -> Answer:
    """The answer to one voice webhook. Never raises: a caller hears plain words, not a fault.

    `token` names the question that the webhook answers, `attempt` the call that we placed; `held` counts how
    often the caller was asked to wait, None for a webhook that may carry an answer of theirs.
    """
    began = perf_counter()
    try:
        with line.database.begin() as db:
            return _answer(line, db, hook, token, attempt, held is not None, began)
    except DatabaseBusy:
        log.warning("call_held", call_sid=hook.sid, held=held or 0)
        where = token if attempt is None else f"{'voicemail' if token == MACHINE else 'out'}/{attempt}"
        return _hold(line, where, (held or 0) + 1)
    except Exception:
        log.exception("call_failed", call_sid=hook.sid)
        return apology(line)


def apology(line: Line) -> Answer:
    """Something went wrong: plain words in every language, and the way to a person. Needs no database."""
    operator = line.settings.operator_number
    key = "sorry_to_a_person" if operator else "sorry_call_again"
    texts = [(language, line.say(key, language)) for language in line.settings.languages]
    return Answer(twiml.apology(texts, operator, line.settings.number), "fallback.apology")


def _hold(line: Line, where: str, held: int) -> Answer:
    if held > MOST_HOLDS:
        return apology(line)
    language = line.settings.languages[0]
    again = f"{line.settings.public_url}/voice/hold/{held}/{where}"
    return Answer(twiml.hold(line.say("please_hold", language), language, again), "fallback.hold")


def _answer(
    line: Line, db: Transaction, hook: CallHook, token: str, attempt_token: str | None, after_hold: bool, began: float
) -> Answer:
    now = line.clock()
    call = calls.locked_call(db, hook.sid)
    if call is None:
        if token not in (START, MACHINE) or not hook.sid:
            log.warning("call_unknown", call_sid=hook.sid)
            return apology(line)
        call = _begun(line, db, hook, attempt_token, now)
        if call is None:
            return _gone("fallback.gone")
    before = calls.answered_before(db, call, token) if token != call.waiting_token else None
    if before is not None:
        return Answer(before.unseal("answer", line.database.ring) or twiml.EMPTY, before.state)
    if call.session_sealed is None:  # over already: nobody is there to hear more
        return _gone(f"{call.flow}.{call.node}")
    if token not in (call.waiting_token, START, MACHINE):
        log.warning("step_unknown", call_sid=hook.sid)
        return apology(line)
    answered_by = _machine(db, call) if token == MACHINE else hook.answered_by
    session = _session(line, call)
    if token == MACHINE and answered_by is not Answerer.PERSON:  # from the start, now that a machine was heard
        session = engine.begin(line.flows[session.flow], session.language)
    event = _event(call, hook, session, token, after_hold, line, now)
    step = _step(db, call, session, event, token, now)
    session, commands = _converse(Turn(line, db, call, session, now, answered_by), event)
    answered = _stored(line, db, call, step, session, commands, began)
    db.add(step)
    return answered


def _gone(state: str) -> Answer:
    return Answer(twiml.render([HangUp()], str, twiml.Addresses("", "")), state)


def _begun(line: Line, db: Transaction, hook: CallHook, attempt_token: str | None, now: datetime) -> Call | None:
    """A new call's row; None for a call that we placed for an enrolment which is gone."""
    if attempt_token is None:
        return calls.add_call(db, _new_call(line, db, hook, line.flows["inbound"], None, None, now))
    attempt = deliveries.attempt_by_token(db, attempt_token)
    if attempt is None:
        return None
    delivery = db.get_one(Delivery, attempt.delivery_id)
    language = db.get_one(Enrolment, delivery.enrolment_id).language
    deliveries.take_sid(db, attempt, hook.sid)
    attempt.answered_by = attempt.answered_by or hook.answered_by
    attempt.status = advance(AttemptState(attempt.status), AttemptState.ANSWERED)
    attempt.accepted_at = attempt.accepted_at or now
    flow = line.flows[_flow_of(delivery)]
    return calls.add_call(db, _new_call(line, db, hook, flow, language, attempt.id, now))


def _flow_of(delivery: Delivery) -> str:
    return FLOWS[kind(delivery.occasion)]


def _new_call(
    line: Line, db: Transaction, hook: CallHook, flow: Flow, language: str | None, attempt_id: str | None, now: datetime
) -> Call:
    session = engine.begin(flow, language if language in flow.lexicons else None)
    call = Call(
        id=new_id(),
        sid=hook.sid,
        direction="out" if attempt_id else "in",
        attempt_id=attempt_id,
        flow=flow.name,
        version=flow.version,
        node=session.node,
        language=session.language,
        steps=0,
        read_backs=0,
        started_at=now,
        touched_at=now,
    )
    ring = key_ring(db)
    if hook.caller is not None and attempt_id is None:
        call.caller_hash = ring.index("number", hook.caller)
        call.seal(ring, "caller", hook.caller)
    call.seal(ring, "session", session.to_json())
    return call


def _machine(db: Transaction, call: Call) -> Answerer:
    """Which machine took a call; a person, if the right PIN came before the call was turned."""
    attempt = db.get_one(Attempt, call.attempt_id)
    confirmed = db.get_one(Delivery, attempt.delivery_id).status == DeliveryState.CONFIRMED
    return Answerer.PERSON if confirmed else Answerer(attempt.answered_by or Answerer.PERSON)


def _session(line: Line, call: Call) -> Session:
    stored = call.unseal("session", line.database.ring)
    if stored is None:
        raise ValueError("a call without a session")
    return Session.from_json(stored)


def _event(
    call: Call, hook: CallHook, session: Session, token: str, after_hold: bool, line: Line, now: datetime
) -> Event:
    if token in (START, MACHINE):
        return Started()
    node = line.flows[session.flow].nodes[session.node]
    decided = isinstance(node, Menu) and isinstance(hook.event, Keys)
    if hook.over and hook.dialled is None and not decided:  # a key counts even of one who hung up upon it
        return HungUp()
    if isinstance(node, Decide):  # the caller comes back from a person
        return Done("reached" if hook.dialled else "not_reached")
    if now - call.started_at > LONGEST_CALL:
        return TimeUp()
    return Resumed() if after_hold else hook.event


def _converse(turn: Turn, event: Event) -> tuple[Session, Sequence[Command]]:
    """Let the engine go on until it waits for the caller, running the actions that the flow names."""
    session = turn.session
    said: list[Command] = []
    flows = turn.line.flows
    while True:
        session, commands = engine.resume(flows[session.flow], session, event)
        said.extend(commands)
        match said[-1] if said else None:
            case Enter():
                said.pop()
                event = Started()
            case Do(name):
                said.pop()
                result = actions.run(name, replace(turn, session=session))
                if isinstance(result, Waits):
                    return session, [*said, result.dial]
                if isinstance(result, Slowly):
                    said.append(result.pause)
                    result = result.done
                event = result
            case _:
                return session, said


def _step(db: Transaction, call: Call, session: Session, event: Event, token: str, now: datetime) -> CallStep:
    step = CallStep(
        id=new_id(),
        call_id=call.id,
        n=call.steps,
        token=token,
        at=now,
        flow=session.flow,
        node=session.node,
        event=type(event).__name__.lower(),
        confidence=event.confidence if isinstance(event, Heard) else None,
        language=session.language,
        misses=session.misses,
    )
    if isinstance(event, Heard):
        step.seal(key_ring(db), "heard", event.text)
    elif isinstance(event, Keys) and "pin" not in session.node:
        step.seal(key_ring(db), "heard", event.digits)
    return step


def _stored(
    line: Line,
    db: Transaction,
    call: Call,
    step: CallStep,
    session: Session,
    commands: Sequence[Command],
    began: float,
) -> Answer:
    """Render, and write the answer down with the step, so that it can be repeated."""
    token = new_id()
    addresses = twiml.Addresses(f"{line.settings.public_url}/voice/step/{token}", line.settings.number)
    hinted = [_hinted(line, db, session, command, step.at) for command in commands]
    body = twiml.render(hinted, lambda say: _text(line, say), addresses) if commands else twiml.EMPTY
    ring = line.database.ring
    call.waiting_token = token
    call.steps += 1
    call.flow, call.version, call.node, call.language = session.flow, session.version, session.node, session.language
    call.touched_at = step.at
    call.seal(ring, "session", session.to_json())
    if session.ended:
        _end(call, step.at, _ending(step, commands))
    step.state = session.state
    step.seal(ring, "answer", body)
    step.milliseconds = round((perf_counter() - began) * 1000, 2)
    return Answer(body, session.state)


def _hinted(line: Line, db: Transaction, session: Session, command: Command, now: datetime) -> Command:
    if isinstance(command, Ask) and command.listens_for == "country":
        return replace(command, hints=country_hints(command.language))
    if isinstance(command, Ask) and command.listens_for == "name":
        return replace(command, hints=line.name_hints.at(db, session.node, twiml.MOST_HINTS, now))
    return command


def _text(line: Line, say: Say) -> str:
    return line.say(say.prompt, say.language, **say.values)


def _ending(step: CallStep, commands: Sequence[Command]) -> str:
    if step.event == "hungup":
        return "hung_up"
    return "time_up" if step.event == "timeup" else "completed" if isinstance(commands[-1], HangUp) else "ended"


def _end(call: Call, now: datetime, ending: str) -> None:
    """A call is over: what was said in it is forgotten, but for its steps."""
    call.ended_at, call.ending = now, ending
    call.session_sealed = None


def call_status(line: Line, hook: CallHook, attempt_token: str | None = None) -> None:
    """The platform tells how a call goes. Twice, late, out of order or for a call that is not ours: no harm."""
    with line.database.begin() as db:
        attempt = (
            deliveries.attempt_by_token(db, attempt_token) if attempt_token else deliveries.attempt_by_sid(db, hook.sid)
        )
        if attempt is not None:
            if attempt_token:
                deliveries.take_sid(db, attempt, hook.sid)
            outcomes.seen(line, db, attempt, hook.status, hook.error_code, hook.raw_status)
        call = calls.locked_call(db, hook.sid)
        if call is not None and call.ended_at is None and hook.over:
            _end(call, line.clock(), "hung_up" if hook.raw_status == "completed" else hook.raw_status)


def close_forgotten_calls(line: Line, most: int = 200) -> int:
    """Close calls that the platform never said the end of. Returns how many."""
    now = line.clock()
    with line.database.begin() as db:
        forgotten = calls.forgotten_calls(db, now - FORGOTTEN_AFTER, most)
        for call in forgotten:
            _end(call, now, "abandoned")
    return len(forgotten)
