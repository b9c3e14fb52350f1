"""The call engine: flow + session + event → session + commands. It knows no clock, no chance, no medium."""

from __future__ import annotations

from dataclasses import replace

from hotline.ivr import listen
from hotline.ivr.commands import Ask, Command, Do, Enter, HangUp, Say, TakeRecording
from hotline.ivr.flow import (
    CHOICE,
    CHOICE_NONE,
    MOST_CHOICES,
    NONE_KEY,
    Announce,
    Collect,
    Decide,
    End,
    Flow,
    Lexicon,
    Menu,
    Node,
    Question,
    Record,
    Way,
)
from hotline.ivr.session import (
    MISS_LIMIT,
    STEP_LIMIT,
    Done,
    Event,
    HungUp,
    Keys,
    Resumed,
    Session,
    Silence,
    Started,
    TimeUp,
)

MENU_SECONDS = 7
ENTRY_SECONDS = 10

TRIES_BY_SPEECH = 3
"""Misses of an entry, or returns to it, from which on it is asked by keypad alone."""

Turn = tuple[Session, tuple[Command, ...]]


def begin(flow: Flow, language: str | None = None, **answers: object) -> Session:
    """A new session at the start of a flow, in the default language if none is given."""
    return Session(flow.name, flow.version, flow.start, language or flow.languages[0], answers=answers)


def resume(flow: Flow, session: Session, event: Event) -> Turn:
    """What comes of an event. Stops at a question, at an action (`Do`), at another flow (`Enter`), or at the end.

    Raises ValueError if an action came to an outcome that its node does not declare.
    """
    if session.ended:
        return session, (HangUp(),)
    node = flow.nodes[session.node]
    match event:
        case Started():
            return _enter(flow, replace(session, version=flow.version), session.node)
        case Resumed():
            return _enter(flow, session, session.node)
        case HungUp():
            return replace(session, ended=True), ()
        case TimeUp():
            return _follow(flow, session, flow.limit)
        case Done(outcome, answers):
            if outcome not in node.then:
                raise ValueError(f"{session.state} declares no outcome {outcome!r}")
            return _follow(flow, replace(session, answers={**session.answers, **answers}), node.then[outcome])
    if not isinstance(node, Question):
        return _enter(flow, session, session.node)
    if session.step >= STEP_LIMIT:
        return _follow(flow, session, flow.limit)
    session = replace(session, step=session.step + 1)
    if session.entry_full and isinstance(event, Silence):
        return replace(session, entry_full=False), (_question(flow, session, node, _opening(session, node)),)
    full = isinstance(event, Keys) and isinstance(node, Collect) and len(event.digits) == node.maximum
    session = replace(session, entry_full=full)
    return _answered(flow, session, node, listen.understand(node, event, session, _lexicons(flow, session, node)))


def _answered(flow: Flow, session: Session, node: Question, reading: listen.Reading) -> Turn:
    match reading:
        case listen.Answered(outcome, answers):
            answers = dict(answers)
            language = str(answers.pop("language", session.language))
            session = replace(session, language=language, answers={**session.answers, **answers})
            return _follow(flow, session, _way(flow, node, outcome))
        case listen.MoreTime():
            session = replace(session, more_time=True)
            return session, (_question(flow, session, node, _opening(session, node)),)
        case listen.Repeat():
            return session, (_question(flow, session, node, _opening(session, node)),)
        case listen.Missed(reason):
            return _missed(flow, session, node, reason)


def _way(flow: Flow, node: Question, outcome: str) -> Way:
    if outcome in node.then:
        return node.then[outcome]
    if isinstance(node, Menu) and node.languages and outcome not in ("person", "leave"):
        return node.then["chosen"]
    return {"person": flow.person, "leave": flow.leave}[outcome]


def _missed(flow: Flow, session: Session, node: Question, reason: str) -> Turn:
    session = _counted(replace(session, misses=session.misses + 1), session.state)
    if session.misses == MISS_LIMIT:
        return _follow(flow, session, _way(flow, node, "person"))
    missed = session.tries[session.state]
    if missed > node.tries:
        return _follow(flow, session, node.then["give_up"])
    again = node.again_silence if reason == "silence" else node.again_no_match
    prompt = (again, node.example, node.by_keypad)[min(missed, TRIES_BY_SPEECH) - 1]
    return session, (_question(flow, session, node, (prompt,)),)


def _counted(session: Session, state: str) -> Session:
    return replace(session, tries={**session.tries, state: session.tries.get(state, 0) + 1})


def _follow(flow: Flow, session: Session, way: Way) -> Turn:
    session = replace(session, keypad_only=session.keypad_only or way.by_keypad)
    said: tuple[Command, ...] = _spoken(flow, session, (way.saying,)) if way.saying else ()
    if way.flow != flow.name:
        return replace(session, flow=way.flow, node=way.node), (*said, Enter(way.flow))
    target = flow.nodes[way.node]
    if way.back and isinstance(target, Question):
        counted, most = (way.state, target.tries) if target.returns is None else (f"to {way.state}", target.returns)
        session = _counted(session, counted)
        if session.tries[counted] > most:
            return _follow(flow, session, target.then["give_up"])
    session, commands = _enter(flow, session, way.node)
    return session, (*said, *commands)


def _enter(flow: Flow, session: Session, name: str) -> Turn:
    session = replace(session, node=name)
    node = flow.nodes[name]
    if isinstance(node, Question):
        return session, (_question(flow, session, node, _opening(session, node)),)
    if isinstance(node, End) and node.every_language:
        says = tuple(Say(prompt, language, session.answers) for language in flow.languages for prompt in node.says)
    else:
        says = _spoken(flow, session, node.says)
    if isinstance(node, Announce):
        session, commands = _follow(flow, session, node.then["next"])
        return session, (*says, *commands)
    if isinstance(node, Decide):
        return session, (*says, Do(node.action))
    return replace(session, ended=True), (*says, HangUp())


def _opening(session: Session, node: Question) -> tuple[str, ...]:
    """What a question begins with: nobody is asked to speak who is not listened to."""
    silent = isinstance(node, Collect) and node.speech and _by_keypad(session, node)
    return (node.by_keypad,) if silent else node.says


def _by_keypad(session: Session, node: Node) -> bool:
    """The caller chose the keys, or this question was missed or returned to three times."""
    return session.keypad_only or session.tries.get(f"{session.flow}.{node.name}", 0) >= TRIES_BY_SPEECH


def _spoken(flow: Flow, session: Session, prompts: tuple[str, ...]) -> tuple[Say, ...]:
    return tuple(Say(prompt, session.language, session.answers) for prompt in prompts)


def _question(flow: Flow, session: Session, node: Question, prompts: tuple[str, ...]) -> Ask | TakeRecording:
    says = _asked(flow, session, node, prompts)
    if isinstance(node, Record):
        return TakeRecording(says, node.seconds)
    seconds = MENU_SECONDS if isinstance(node, Menu) else ENTRY_SECONDS
    return Ask(
        says=says,
        language=session.language,
        digits=1 if isinstance(node, Menu) else node.maximum if isinstance(node, Collect) else None,
        timeout=seconds * 2 if session.more_time else seconds,
        listens_for=_listens_for(session, node),
        hints=_hints(flow, session, node),
    )


def _asked(flow: Flow, session: Session, node: Question, prompts: tuple[str, ...]) -> tuple[Say, ...]:
    if isinstance(node, Menu) and node.languages:
        keys = {language: key for key, language in node.options.items()}
        return tuple(Say(p, lang, {**session.answers, "key": keys[lang]}) for lang in flow.languages for p in prompts)
    says = _spoken(flow, session, prompts)
    if isinstance(node, Menu) and node.choices:
        names = session.answers.get(f"{node.choices}_spoken", ())[:MOST_CHOICES]
        offered = [Say(CHOICE, session.language, {"choice": name, "key": n}) for n, name in enumerate(names, 1)]
        return (*says, *offered, Say(CHOICE_NONE, session.language, {"key": NONE_KEY}))
    return says


def _listens_for(session: Session, node: Node) -> str | None:
    if isinstance(node, Menu):
        return "menu"  # saying "yes" to a question is never turned off
    return node.kind if isinstance(node, Collect) and node.speech and not _by_keypad(session, node) else None


def _lexicons(flow: Flow, session: Session, node: Question) -> tuple[Lexicon, ...]:
    if isinstance(node, Menu) and node.languages:
        return tuple(flow.lexicons.values())
    return (flow.lexicons[session.language],)


def _hints(flow: Flow, session: Session, node: Question) -> tuple[str, ...]:
    if not isinstance(node, Menu):
        return ()
    lexicons = _lexicons(flow, session, node)
    outcomes = (*node.options.values(), "person", "leave", "repeat")
    return tuple(dict.fromkeys(p for lexicon in lexicons for o in outcomes for p in lexicon.hints.get(o, ())))
