"""A setting or a command that the README does not tell of is missing for whoever needs it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest

from hotline.cli import hotline
from hotline.settings import ROOT, VARIABLES

README = (ROOT / "README.md").read_text("utf-8")


def commands(group: click.Group, path: str = "hotline") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def table(heading: str) -> set[str]:
    """The first column of the table below a heading, without its quotes."""
    section = README.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE))


def test_every_setting_stands_in_the_readme_and_no_other() -> None:
    assert table("Environment") == set(VARIABLES)


def test_every_command_stands_in_the_readme_and_no_other() -> None:
    assert table("Commands") == {path for path, _ in commands(hotline)}


@pytest.mark.parametrize(("path", "command"), list(commands(hotline)), ids=lambda value: str(value))
def test_every_command_gives_an_example(path: str, command: click.Command) -> None:
    assert f"Example: {path}" in (command.help or "")


def test_every_room_stands_in_the_picture_of_the_house() -> None:
    rooms = {f"hotline/{folder.parent.name}/" for folder in (ROOT / "hotline").glob("*/__init__.py")}
    assert rooms <= table("The house")


def test_every_setting_read_from_the_environment_is_declared() -> None:
    source = (ROOT / "hotline" / "settings.py").read_text("utf-8")
    read = set(re.findall(r'"((?:HOTLINE|TWILIO)_[A-Z_]+|DATABASE_URL|REDIS_URL|PORT)"', source)) - {
        "HOTLINE_LIMIT_",
        "HOTLINE_BRAKE_",
        "HOTLINE_SEND_",
    }
    assert read <= set(VARIABLES)
