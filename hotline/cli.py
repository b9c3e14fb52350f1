"""The `hotline` command. Exit status 0: done, 1: it could not, 2: wrong usage."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TextIO

import click

from hotline import __version__
from hotline.errors import HotlineError

if TYPE_CHECKING:
    from hotline.services.line import Line
    from hotline.settings import Settings

DEMO_CALLER = "+12025550123"


def main() -> None:
    """Run the command: one plain line for whatever goes wrong."""
    from hotline.logs import configure

    configure()
    try:
        # Without its standalone mode click hands the status of an Exit back instead of leaving with it.
        sys.exit(hotline(standalone_mode=False))
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(2)
    except (HotlineError, click.Abort) as fault:
        for line in str(fault).splitlines() or ["stopped"]:
            click.echo(f"hotline: {line}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="hotline")
def hotline() -> None:
    """The telephone line that tells victims and witnesses what becomes of a person in immigration detention."""


def _settings() -> Settings:
    from hotline.settings import read_settings

    return read_settings()


def _line(
    settings: Settings | None = None, at: datetime | None = None, bell: Callable[[], None] = lambda: None
) -> Line:
    """The line, with tables of this version or one plain sentence."""
    from hotline.services.line import open_line, utc_now
    from hotline.store.migrate import is_current

    line = open_line(settings or _settings(), clock=(lambda: at) if at else utc_now, ring_bell=bell)
    try:
        current = is_current(line.database.engine)
    except Exception as fault:
        raise HotlineError(f"DATABASE_URL: the database can't be reached ({type(fault).__name__})") from None
    if not current:
        raise HotlineError("the database does not have this version's tables: run `hotline db upgrade`")
    return line


def _bell(settings: Settings) -> Callable[[], None]:
    if settings.redis_url is None:
        return lambda: None
    from hotline.jobs import bell

    redis = bell.connect(settings.redis_url)
    return lambda: bell.ring(redis)


# ---- processes


@hotline.command()
@click.option("--demo", is_flag=True, help="Load a synthetic custody feed if there is none, and say what to try.")
def run(demo: bool) -> None:
    """Run everything in one place: web, dispatcher and, without a platform account, the simulator.

    Example: hotline run --demo
    """
    from hotline.jobs.dispatcher import Dispatcher
    from hotline.services.line import open_line
    from hotline.web.serve import serve

    settings = _settings()
    _upgrade(settings)
    if demo:
        _load_demo(settings)

    def beside_web(line: Line) -> None:
        if settings.simulated:
            _simulator(settings).start()
        Dispatcher(line).start()
        click.echo(_welcome(settings, demo))

    serve(
        settings,
        lambda: open_line(settings, ring_bell=_bell(settings)),
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

    line = _line(settings)
    load_sample(line)
    line.database.close()


def _now_whole() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


@hotline.command()
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Worker processes.")
@click.option("--host", default="0.0.0.0", show_default=True, help="Address to listen on.")
def web(workers: int, host: str) -> None:
    """Answer webhooks and pages (production).

    Example: hotline web --workers 4
    """
    from hotline.services.line import open_line
    from hotline.web.serve import serve

    settings = _settings()
    _line(settings).database.close()
    serve(settings, lambda: open_line(settings, ring_bell=_bell(settings)), workers, host)


@hotline.command()
def worker() -> None:
    """Send what is due (production): answers the bell in Redis, and looks every 30 seconds by itself.

    Example: hotline worker
    """
    from hotline.jobs.dispatcher import SWEEP_SECONDS, Dispatcher

    settings = _settings()
    line = _line(settings)
    if settings.redis_url is None:
        _until_told(Dispatcher(line))
        return
    from hotline.jobs import bell

    redis = bell.connect(settings.redis_url)
    bell.refuse_lossy(redis)
    sweeper = Dispatcher(line, SWEEP_SECONDS).start()
    bell.work(line, redis)
    sweeper.stop()


@hotline.command()
def clock() -> None:
    """Look after what time brings (production): calls without an end, numbers that did not answer, what no bell woke.

    Example: hotline clock
    """
    from hotline.jobs.dispatcher import SWEEP_SECONDS, Dispatcher

    settings = _settings()
    _until_told(Dispatcher(_line(settings), SWEEP_SECONDS))


def _until_told(dispatcher: Any) -> None:
    import signal
    from threading import Event

    stop = Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    dispatcher.start()
    click.echo(f"Looking after what is due, every {dispatcher.seconds:.0f} seconds.")
    stop.wait()
    dispatcher.stop()


# ---- the database


@hotline.group()
def db() -> None:
    """The database."""


@db.command()
def upgrade() -> None:
    """Bring the tables to this version. Run again, it changes nothing.

    Example: hotline db upgrade
    """
    _upgrade(_settings())
    click.echo("The tables are those of this version.")


def _upgrade(settings: Settings) -> None:
    from hotline.store.database import Database
    from hotline.store.migrate import migrate
    from hotline.store.seal import KeyRing

    database = Database(settings.database_url, KeyRing(settings.encryption_keys, settings.index_key))
    try:
        migrate(database.engine)
    except Exception as fault:
        raise HotlineError(
            f"the tables could not be upgraded ({type(fault).__name__}): see that the database runs and may be written"
        ) from None
    finally:
        database.close()


# ---- custody


@hotline.group()
def custody() -> None:
    """The custody feed."""


@custody.command("import")
@click.argument("file")
@click.option(
    "--kind",
    type=click.Choice(["full", "delta"]),
    default="delta",
    show_default=True,
    help="A whole snapshot, or only what changed.",
)
@click.option("--dry-run", is_flag=True, help="Say what would change and be sent; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def custody_import(file: str, kind: str, dry_run: bool, as_json: bool) -> None:
    """Import a feed FILE (CSV or JSON Lines, gzip allowed; - for standard input).

    Example: hotline custody import delta.csv.gz
    """
    from dataclasses import asdict

    from hotline.services.import_custody import import_file

    settings = _settings()
    line = _line(settings, bell=_bell(settings))
    with _opened(file) as stream, _progress(as_json) as progress:
        report = import_file(line, stream, kind, dry_run=dry_run, progress=progress)  # type: ignore[arg-type]
    if as_json:
        click.echo(json.dumps(asdict(report), default=str))
        return
    would = "would be " if dry_run else ""
    click.echo(f"{report.rows} rows read, {report.changed} {would}changed, {report.refused} in quarantine.")
    for kind_of_event, count in report.events.items():
        click.echo(f"  {count} {kind_of_event}")
    click.echo(f"{report.deliveries} notices {would}planned, {report.held} events held for review.")
    for refusal in report.refusals:
        click.echo(f"  line {refusal.line}: {refusal.reason}", err=True)


@contextlib.contextmanager
def _opened(file: str) -> Iterator[IO[bytes]]:
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(file).open("rb") as stream:
            yield stream
    except OSError as fault:
        raise HotlineError(f"{file}: can't be read: {fault.strerror}") from None


@contextlib.contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[int], None] | None]:
    if quiet or not sys.stderr.isatty():
        yield None
        return
    yield lambda rows: click.echo(f"\r{rows} rows", nl=False, err=True)
    click.echo("", err=True)


# ---- notices


@hotline.group()
def notify() -> None:
    """Notices to subscribers."""


def _at(_context: click.Context, _parameter: click.Parameter, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter("give a time as 2026-11-25T09:00:00+00:00") from None
    if at.tzinfo is None:
        raise click.BadParameter("give the time with its zone, as 2026-11-25T09:00:00+00:00")
    return at.astimezone(UTC)


@notify.command()
@click.option("--at", callback=_at, help="As if it were this time, with its zone; default now.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def due(at: datetime | None, as_json: bool) -> None:
    """List what is due: opaque ids, channel, urgency and time.

    Example: hotline notify due
    """
    from hotline.services.notify import list_due

    for item in list_due(_line(at=at)):
        shown = {"id": item.id, "channel": item.channel, "urgency": item.urgency, "due": str(item.next_at)}
        click.echo(json.dumps(shown) if as_json else "  ".join(shown.values()))


@notify.command("run")
@click.option("--at", callback=_at, help="As if it were this time, with its zone; default now.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def notify_run(at: datetime | None, as_json: bool) -> None:
    """Send what is due now, look up what is open, and end.

    Example: hotline notify run
    """
    from hotline.services.settle import settle
    from hotline.services.tend import send_due

    line = _line(at=at)
    placed, looked_up = send_due(line), settle(line)
    if as_json:
        click.echo(json.dumps({"placed": placed, "looked_up": looked_up}))
    else:
        click.echo(f"{placed} placed, {looked_up} looked up.")


# ---- flows


@hotline.group()
def flows() -> None:
    """What callers are asked."""


@flows.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def flows_check(as_json: bool) -> None:
    """Check flows and prompts as at start: every fault, one a line.

    Example: hotline flows check
    """
    from hotline.errors import FlowError
    from hotline.services.line import checked_flows

    faults: list[str] = []
    try:
        flows_found, phrasebook = checked_flows(_settings())
    except FlowError as fault:
        faults = str(fault).splitlines()
    if as_json:
        click.echo(json.dumps({"faults": faults}))
    elif faults:
        click.echo("\n".join(faults))
    else:
        nodes = sum(len(flow.nodes) for flow in flows_found.values())
        click.echo(f"{len(flows_found)} flows, {nodes} nodes, {len(phrasebook.languages)} languages: no fault.")
    if faults:
        raise click.exceptions.Exit(1)


@flows.command("draw")
@click.argument("flow")
def flows_draw(flow: str) -> None:
    """Draw a FLOW as a Mermaid diagram.

    Example: hotline flows draw inbound
    """
    from hotline.errors import NotFound
    from hotline.ivr.draw import draw
    from hotline.services.line import checked_flows

    found, _ = checked_flows(_settings())
    if flow not in found:
        raise NotFound(f"no flow is called {flow}: there are {', '.join(found)}")
    click.echo(draw(found[flow]))


# ---- telephones and samples


@hotline.command()
@click.option("--from", "number", default=DEMO_CALLER, show_default=True, help="The number that you call from.")
@click.option("--to", default=None, help="The number that you call; default the line's own.")
def call(number: str, to: str | None) -> None:
    """A telephone in the terminal: type keys, "speech" in quotes, or Enter for silence. Needs `hotline run`.

    Example: hotline call --from +12025550123
    """
    from hotline.rules.phones import e164
    from hotline.simulator.telephone import Telephone
    from hotline.simulator.terminal import converse

    settings = _settings()
    if not settings.simulated:
        raise HotlineError("a platform account is set: call the line by telephone")
    if e164(number) is None:
        raise click.BadParameter("give a whole number, as +12025550123", param_hint="--from")
    phone = Telephone(f"http://127.0.0.1:{settings.simulator_port}", str(e164(number)))
    raise click.exceptions.Exit(converse(phone, to or settings.number, sys.stdin, sys.stdout))


@hotline.group()
def sample() -> None:
    """Synthetic data: nobody in it exists."""


@sample.command("custody")
@click.option("--people", default=1000, show_default=True, type=click.IntRange(1, 10_000_000), help="How many people.")
@click.option("--seed", default=7, show_default=True, type=int, help="The same seed gives the same people.")
def sample_custody(people: int, seed: int) -> None:
    """Write a synthetic custody feed as CSV.

    Example: hotline sample custody --people 1000 --seed 7 > feed.csv
    """
    from hotline.services.sample_custody import people as sample_people
    from hotline.services.sample_custody import write_csv

    write_csv(sample_people(people, seed, _now_whole()), _text_out())


@sample.command("event")
@click.argument("subject_id")
@click.argument("wording")
def sample_event(subject_id: str, wording: str) -> None:
    """Write the feed row by which SUBJECT_ID leaves custody, with the agency's WORDING.

    Example: hotline sample event S0000001 Removed | hotline custody import -
    """
    from hotline.services.demo import leaving

    _text_out().write(leaving(_line(), subject_id, wording))


def _text_out() -> TextIO:
    import io

    return io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="", write_through=True)


# ---- health


@hotline.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def doctor(as_json: bool) -> None:
    """Look whether everything that the line needs is there.

    Example: hotline doctor
    """
    from hotline.services.doctor import examine

    found = examine(_settings())
    if as_json:
        click.echo(json.dumps([{"what": f.what, "ok": f.ok, "says": f.says} for f in found]))
    else:
        for finding in found:
            click.echo(f"{'ok  ' if finding.ok else 'BAD '} {finding.what}: {finding.says}")
    if not all(finding.ok for finding in found):
        raise click.exceptions.Exit(1)


@hotline.group()
def bench() -> None:
    """Measurements, each beside its floor in the same run."""


@bench.command("call")
@click.option(
    "--server",
    default="gthread",
    show_default=True,
    type=click.Choice(["gthread", "sync", "granian"]),
    help="What serves.",
)
@click.option("--calls", default=60, show_default=True, type=click.IntRange(5, 10_000), help="Whole sign-ups to place.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def bench_call(server: str, calls: int, as_json: bool) -> None:
    """Time a whole step of a call beside a view that checks a signature, alone and with one read and one write.

    Example: hotline bench call
    """
    from hotline.bench.call import measure

    result = measure(calls, server)
    click.echo(json.dumps(result.as_json()) if as_json else result.as_table())


if __name__ == "__main__":
    main()
