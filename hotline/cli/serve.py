"""The processes that serve: all in one, or one of each kind."""

from __future__ import annotations

import signal
from threading import Event
from typing import TYPE_CHECKING, Any

import click

from hotline.cli.database import bring_up_to_date
from hotline.cli.opening import bell_of, checked_line, settings_now

if TYPE_CHECKING:
    from hotline.jobs.dispatcher import Dispatcher
    from hotline.services.line import Line
    from hotline.settings import Settings


@click.command()
@click.option("--demo", is_flag=True, help="Load a synthetic custody feed if there is none, and say what to try.")
def run(demo: bool) -> None:
    """Run everything in one place: web, dispatcher and, without a platform account, the simulator.

    Example: hotline run --demo
    """
    from hotline.jobs.dispatcher import hanging_up, sending, tending, watching
    from hotline.services.line import open_line
    from hotline.web.serve import serve

    settings = settings_now()
    bring_up_to_date(settings)
    if demo:
        _load_demo(settings)

    def beside_web(line: Line) -> None:
        if settings.simulated:
            _simulator(settings).start()
        for dispatcher in (tending(line), sending(line), hanging_up(line), watching(line)):
            dispatcher.start()
        click.echo(_welcome(settings, demo))

    serve(
        settings,
        lambda: open_line(settings, ring_bell=bell_of(settings)),
        1,
        "127.0.0.1" if settings.simulated else "0.0.0.0",
        beside_web,
    )


def _simulator(settings: Settings) -> Any:
    from hotline.simulator.server import Simulator

    return Simulator(
        settings.account_sid,
        settings.auth_tokens[0],
        settings.number,
        settings.public_url,
        f"http://127.0.0.1:{settings.port}",
        settings.simulator_port,
        operator_number=settings.operator_number or "",
        operator_picks_up=True,
        rings_out=True,
    )


def _welcome(settings: Settings, demo: bool) -> str:
    if not settings.simulated:
        return f"The line answers at {settings.public_url}."
    told = [
        "",
        f"The line answers at {settings.number}. No platform account is set, so a simulator carries the calls.",
        f"  A telephone in the browser:   {settings.public_url}/phone",
        "  A telephone in the terminal:  make call   (in a second terminal)",
    ]
    if demo:
        told += [
            "  Somebody to ask for:          Juan Carlos Pérez Morales, born in Guatemala on March 5, 1985",
            "  He is removed:                make removal   (after signing up)",
        ]
    return "\n".join([*told, "Ctrl-C ends it.", ""])


def _load_demo(settings: Settings) -> None:
    from hotline.services.demo import load_sample

    line = checked_line(settings)
    load_sample(line)
    line.database.close()


@click.command()
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Worker processes.")
@click.option("--host", default="0.0.0.0", show_default=True, help="Address to listen on.")
def web(workers: int, host: str) -> None:
    """Answer webhooks and pages (production).

    Example: hotline web --workers 4
    """
    from hotline.services.line import open_line
    from hotline.web.serve import serve

    settings = settings_now()
    checked_line(settings).database.close()
    serve(settings, lambda: open_line(settings, ring_bell=bell_of(settings)), workers, host)


@click.command()
def worker() -> None:
    """Send what is due (production): answers the bell in Redis, and looks every 30 seconds by itself; every 2 without
    Redis.

    Example: hotline worker
    """
    from hotline.jobs.dispatcher import SWEEP_SECONDS, hanging_up, sending, tending

    settings = settings_now()
    line = checked_line(settings)
    if settings.redis_url is None:
        _until_told(tending(line), sending(line), hanging_up(line))
        return
    from hotline.jobs import bell

    redis = bell.connect(settings.redis_url)
    bell.refuse_lossy(redis)
    listener = bell.Listener(redis)
    sender = sending(line, listener.pause)
    listener.start(sender.wake)
    _until_told(tending(line, SWEEP_SECONDS), sender, hanging_up(line))


@click.command()
def clock() -> None:
    """Look after what time brings (production): calls without an end, numbers that did not answer, what no bell woke,
    the folder that the feed is dropped into.

    Example: hotline clock
    """
    from hotline.jobs.dispatcher import SWEEP_SECONDS, tending, watching

    settings = settings_now()
    line = checked_line(settings, bell=bell_of(settings))
    _until_told(tending(line, SWEEP_SECONDS), watching(line))


def _until_told(*dispatchers: Dispatcher) -> None:
    stop = Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    for dispatcher in dispatchers:
        dispatcher.start()
    click.echo("Looking after what is due.")
    stop.wait()
    for dispatcher in dispatchers:
        dispatcher.stop()
