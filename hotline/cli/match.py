"""The name search over a file, for staff."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO

import click

from hotline.cli.opening import checked_line
from hotline.cli.streams import opened


@click.command()
@click.argument("file", default="-")
@click.option("--explain", is_flag=True, help="Add the evidence, token by token.")
def match(file: str, explain: bool) -> None:
    """Answer the queries of FILE (JSON Lines; default standard input) with whom each of them means.

    A query is {"id", "country", "text"}, or "given" and "surnames", or "given_keys" and "surnames_keys" in place
    of "text", and may have "birth_date" and "confidence". For staff: it reads the database itself.

    Example: hotline match queries.jsonl > answers.jsonl
    """
    from hotline.services.match_names import LONGEST_LINE, match_lines

    unreadable = False
    line = checked_line()
    with opened(file) as stream:
        for answer in match_lines(line, _lines(stream, LONGEST_LINE), explain):
            unreadable |= "error" in answer
            click.echo(json.dumps(answer))
    if unreadable:
        raise click.exceptions.Exit(1)


def _lines(stream: IO[bytes], longest: int) -> Iterator[bytes]:
    """The lines of a stream; of one that is too long its beginning alone, a byte too much, is kept."""
    while raw := stream.readline(longest + 1):
        kept = raw
        while len(raw) > longest and not raw.endswith(b"\n"):
            raw = stream.readline(longest + 1)
        yield kept
