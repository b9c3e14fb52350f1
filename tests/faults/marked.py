"""Marked points of the program: when a process comes to one, somebody is killed outright."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

from tests.servers import children

Point = tuple[str, str, int, str]
"""Module, name there (`function` or `Class.method`), which call of it, and whether `before` or `after` it."""


def set_mark(point: Point, strike: Callable[[], None]) -> None:
    """Have this process `strike` when it comes to a point, once."""
    module, name, nth, when = point
    place, calls = owner(module, name), count(1)
    name = name.rpartition(".")[2]
    work = getattr(place, name)

    def marked(*given: Any, **named: Any) -> Any:
        is_here = next(calls) == nth
        if is_here and when == "before":
            strike()
        done = work(*given, **named)
        if is_here and when == "after":
            strike()
        return done

    setattr(place, name, marked)


def owner(module: str, name: str) -> Any:
    """The module or class in which a marked name stands."""
    place: Any = import_module(module)
    for part in name.split(".")[:-1]:
        place = getattr(place, part)
    return place


def die() -> None:
    """This process."""
    os.kill(os.getpid(), signal.SIGKILL)


def kill_all(victims: Iterable[int], reached: Path) -> None:
    """Kill processes with their children; `reached` exists from then on."""
    doomed = [pid for victim in victims for pid in (victim, *children(victim))]
    reached.touch()
    for pid in doomed:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
