from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from hotline import __version__
from hotline.cli import hotline
from tests.servers import free_port

pytestmark = pytest.mark.server  # each command is a process of its own

PLATFORM = {
    "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
    "TWILIO_AUTH_TOKEN": "0123456789abcdef0123456789abcdef",
    "HOTLINE_PUBLIC_URL": "https://hotline.example.org",
    "HOTLINE_NUMBER": "+18005550199",
}


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = dict(commands(hotline))


def ask(*words: str, environ: dict[str, str], stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    """Run the command as from a shell."""
    told = subprocess.run(
        [sys.executable, "-m", "hotline.cli", *words],
        env={"PATH": os.environ["PATH"], **environ},
        input=stdin,
        capture_output=True,
        timeout=60,
    )
    return subprocess.CompletedProcess(words, told.returncode, told.stdout.decode(), told.stderr.decode())


def says(told: subprocess.CompletedProcess[str], status: int, words: str) -> None:
    """A plain sentence on standard error, nothing on standard output, and this exit status."""
    assert told.returncode == status, told.stderr
    assert words in told.stderr
    assert "Traceback" not in told.stderr
    assert told.stdout == ""
    if status == 1:
        assert all(line.startswith("hotline: ") for line in told.stderr.splitlines())
        assert len(told.stderr.splitlines()) == 1


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with this version's tables, to be copied."""
    folder = tmp_path_factory.mktemp("upgraded")
    told = ask("db", "upgrade", environ={"HOTLINE_DATA_DIR": str(folder)})
    assert (told.returncode, told.stderr) == (0, "")
    return folder


@pytest.fixture
def tables(upgraded: Path, tmp_path: Path) -> dict[str, str]:
    """The environment of a line whose database is there."""
    return {"HOTLINE_DATA_DIR": str(shutil.copytree(upgraded, tmp_path / "data")), "PORT": str(free_port())}


@pytest.fixture
def no_tables(tmp_path: Path) -> dict[str, str]:
    return {"HOTLINE_DATA_DIR": str(tmp_path / "empty")}


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_the_help_of_a_command_shows_an_example_that_can_be_typed(path: tuple[str, ...]) -> None:
    told = CliRunner().invoke(hotline, [*path, "--help"])
    assert told.exit_code == 0
    example = " ".join(told.output.partition("Example:")[2].partition("\n\n")[0].split())
    assert f"hotline {' '.join(path)}" in example
    for typed in example.split(" > ")[0].split(" | "):
        words = shlex.split(typed)[1:]
        name = max((path for path in COMMANDS if list(path) == words[: len(path)]), key=len)
        COMMANDS[name].make_context(typed, words[len(name) :], resilient_parsing=False).close()


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_an_option_that_does_not_exist_is_wrong_usage(path: tuple[str, ...]) -> None:
    takes_any = any(param.nargs == -1 for param in COMMANDS[path].params)
    for wrong in (["--no-such-option"], *([] if takes_any else [["too", "many", "words", "here"]])):
        told = CliRunner().invoke(hotline, [*path, *wrong])
        assert told.exit_code == 2
        assert "Error: " in told.output


@pytest.mark.parametrize("path", [(), *sorted({path[:-1] for path in COMMANDS if len(path) > 1})], ids=" ".join)
def test_a_group_alone_shows_its_help_and_is_wrong_usage(path: tuple[str, ...]) -> None:
    told = ask(*path, environ={})
    assert told.returncode == 2
    assert "Usage: " in told.stderr
    assert ask(*path, "--help", environ={}).returncode == 0


WRONG_USAGE = [
    (["nonsense"], "No such command"),
    (["notify", "due", "--at", "tomorrow"], "give a time as"),
    (["notify", "run", "--at", "2026-11-25T09:00:00"], "with its zone"),
    (["notify", "retry", "x"], "Missing option '--by'"),
    (["notify", "cancel", "x", "--by", "A. Ortiz"], "Missing option '--reason'"),
    (["custody", "import"], "Missing argument"),
    (["custody", "import", "x", "--kind", "some"], "--kind"),
    (["flows", "draw"], "Missing argument"),
    (["sample", "custody", "--people", "0"], "--people"),
    (["sample", "custody", "--seed", "x"], "--seed"),
    (["sample", "custody", "--until", "yesterday"], "--until"),
    (["sample", "event", "S1"], "Missing argument"),
    (["bench", "call", "--calls", "1"], "--calls"),
    (["web", "--workers", "0"], "--workers"),
    (["call", "--from", "12"], "give a whole number"),
]


@pytest.mark.parametrize(("words", "sentence"), WRONG_USAGE, ids=lambda value: " ".join(value) if value else "")
def test_wrong_usage_is_told_with_status_2(words: list[str], sentence: str, no_tables: dict[str, str]) -> None:
    told = ask(*words, environ=no_tables)
    says(told, 2, sentence)
    assert told.stderr.splitlines()[-1].startswith("Error: ")


@pytest.mark.parametrize(
    "words",
    [
        ["web"], ["worker"], ["clock"], ["notify", "due"], ["notify", "run"], ["custody", "import", "-"],
        ["sample", "event", "S0000001", "Removed"], ["match"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_database_without_tables_is_told_with_what_to_run(words: list[str], no_tables: dict[str, str]) -> None:
    says(ask(*words, environ=no_tables), 1, "run `hotline db upgrade`")


@pytest.mark.parametrize("words", [["web"], ["db", "upgrade"], ["notify", "due"], ["doctor"], ["flows", "check"]])
def test_wrong_settings_are_told_one_a_line(words: list[str], tmp_path: Path) -> None:
    told = ask(*words, environ={"PORT": "x", "HOTLINE_LANGUAGES": "xx", "HOTLINE_DATA_DIR": str(tmp_path)})
    assert told.returncode == 1
    assert [line.split(":")[1].strip() for line in told.stderr.splitlines()] == ["PORT", "HOTLINE_LANGUAGES"]
    assert told.stdout == ""


def test_a_port_that_is_taken_is_told(tables: dict[str, str]) -> None:
    with closing(socket.create_server(("0.0.0.0", 0))) as other:
        port = str(other.getsockname()[1])
        for words in (["web"], ["run"]):
            says(ask(*words, environ={**tables, "PORT": port}), 1, f"port {port} is taken")


def test_a_feed_that_can_not_be_read_is_told(tables: dict[str, str], tmp_path: Path) -> None:
    says(ask("custody", "import", str(tmp_path / "no.csv"), environ=tables), 1, "can't be read: No such file")
    says(ask("custody", "import", str(tmp_path), environ=tables), 1, "can't be read: Is a directory")
    says(ask("custody", "import", "-", environ=tables, stdin=b"\x1f\x8bbroken"), 1, "hotline: ")
    says(ask("custody", "import", "-", environ=tables, stdin=b""), 1, "hotline: ")
    says(ask("custody", "import", "-", environ=tables, stdin=b"\xff\xfe\x00,\x00"), 1, "hotline: ")


def test_a_database_that_can_not_be_reached_is_told_without_its_password(tables: dict[str, str]) -> None:
    key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    environ = {
        **tables, **PLATFORM, "HOTLINE_SECRET_KEY": "x" * 40, "HOTLINE_ENCRYPTION_KEYS": f"k1:{key}",
        "HOTLINE_INDEX_KEY": key, "DATABASE_URL": f"postgresql://user:pw-of-db@127.0.0.1:{free_port()}/x",
    }  # fmt: skip
    for words in (["db", "upgrade"], ["notify", "due"], ["web"], ["match"]):
        told = ask(*words, environ=environ)
        says(told, 1, "database")
        assert "pw-of-db" not in told.stderr


def test_a_database_file_that_is_something_else_is_told(tables: dict[str, str]) -> None:
    Path(tables["HOTLINE_DATA_DIR"], "hotline.db").write_bytes(b"no database " * 1000)
    for words in (["db", "upgrade"], ["notify", "due"]):
        says(ask(*words, environ=tables), 1, "database")


def test_a_redis_that_can_not_be_reached_is_told(tables: dict[str, str]) -> None:
    told = ask("worker", environ={**tables, "REDIS_URL": f"redis://127.0.0.1:{free_port()}"})
    says(told, 1, "REDIS_URL")


def test_what_is_not_there_is_told(tables: dict[str, str]) -> None:
    says(ask("flows", "draw", "nowhere", environ=tables), 1, "no flow is called nowhere")
    says(ask("sample", "event", "S9999999", "Removed", environ=tables), 1, "S9999999")


def test_a_telephone_without_a_line_says_so_where_its_caller_reads(tables: dict[str, str]) -> None:
    told = ask("call", environ=tables, stdin=b"1\n")
    assert (told.returncode, told.stderr) == (1, "")
    assert "start the line" in told.stdout.splitlines()[-1]


def test_the_telephone_in_the_terminal_calls_no_real_line(tables: dict[str, str]) -> None:
    says(ask("call", environ={**tables, **PLATFORM}), 1, "a platform account is set")


def test_the_doctor_finds_what_is_missing_and_leaves_with_1(no_tables: dict[str, str], tables: dict[str, str]) -> None:
    told = ask("doctor", environ=no_tables)
    assert told.returncode == 1
    assert "BAD  database: run `hotline db upgrade`" in told.stdout
    told = ask("doctor", "--json", environ=tables)
    assert told.returncode == 1  # nothing was imported yet
    assert [found["what"] for found in json.loads(told.stdout) if not found["ok"]] == ["feed"]
    told = ask("doctor", environ={**tables, "HOTLINE_DROP_FOLDER": "/nowhere/at/all"})
    assert "BAD  drop folder: the drop folder can't be used" in told.stdout


def test_flows_are_checked_and_drawn(no_tables: dict[str, str]) -> None:
    told = ask("flows", "check", environ=no_tables)
    assert told.returncode == 0
    assert told.stdout.endswith("no fault.\n")
    assert json.loads(ask("flows", "check", "--json", environ=no_tables).stdout) == {"faults": []}
    drawn = ask("flows", "draw", "inbound", environ=no_tables)
    assert drawn.returncode == 0
    assert "welcome" in drawn.stdout


def test_upgrading_twice_changes_nothing(tables: dict[str, str]) -> None:
    told = ask("db", "upgrade", environ=tables)
    assert (told.returncode, told.stdout) == (0, "The tables are those of this version.\n")


def test_with_nothing_due_there_is_nothing_to_do(tables: dict[str, str]) -> None:
    assert ask("notify", "due", environ=tables).stdout == "Nothing is due.\n"
    told = ask("notify", "run", "--json", "--at", "2026-11-25T09:00:00+00:00", environ=tables)
    assert json.loads(told.stdout) == {"placed": 0, "uncertain": 0, "refused": 0, "looked_up": 0}


def test_a_sample_is_the_same_people_for_the_same_seed_and_is_read_again(tables: dict[str, str]) -> None:
    first, again, other = (
        ask("sample", "custody", "--people", "5", "--seed", s, "--until", "2026-11-01", environ={})
        for s in ("1", "1", "2")
    )
    assert first.stdout == again.stdout != other.stdout
    told = ask("custody", "import", "-", "--kind", "full", "--json", environ=tables, stdin=first.stdout.encode())
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["refused"] == 0


def test_a_pipe_that_is_closed_early_is_no_fault() -> None:
    made = subprocess.Popen(
        [sys.executable, "-m", "hotline.cli", "sample", "custody", "--people", "20000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert made.stdout is not None
    assert made.stdout.readline()
    made.stdout.close()
    assert made.stderr is not None
    with made.stderr as errors:
        told = errors.read()
    assert made.wait(60) == 1
    assert told == b""


def test_the_version_is_told() -> None:
    assert ask("--version", environ={}).stdout.strip().endswith(__version__)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_the_clock_ends_when_it_is_told_to(sent: signal.Signals, tables: dict[str, str]) -> None:
    clock = subprocess.Popen(
        [sys.executable, "-u", "-m", "hotline.cli", "clock"],
        env={"PATH": os.environ["PATH"], **tables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert clock.stdout is not None
    assert clock.stdout.readline()
    clock.send_signal(sent)
    _, errors = clock.communicate(timeout=20)
    assert (clock.returncode, errors) == (0, b"")
