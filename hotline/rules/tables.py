"""The tables of this room: tab-separated files beside the modules that rule by them."""

from __future__ import annotations

from importlib import resources


def read(name: str) -> tuple[tuple[str, ...], ...]:
    """The rows of `hotline/rules/<name>.tsv`, without its heading, blank lines and lines that begin with `#`.

    Raises FileNotFoundError when the installation lacks the file.
    """
    text = resources.files(__package__).joinpath(f"{name}.tsv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return tuple(tuple(cell.strip() for cell in line.split("\t")) for line in lines[1:])
