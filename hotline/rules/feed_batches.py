"""A feed file by batches: what so many of its lines say, and which of them can't be read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from hotline.errors import FeedRefused
from hotline.rules import feed
from hotline.rules.feed import Row, RowRefused
from hotline.rules.feed_versions import Versions, latest


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that could not be read: its line in the file, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Batch:
    """So many rows of a file: what those say that could be read, and the others, each with what stood there."""

    rows: int
    versions: Versions
    refused: Sequence[tuple[Refusal, str | None]]


def batches(stream: BinaryIO, size: int) -> Iterator[Batch]:
    """The file by batches of `size` rows; what stands before a break comes before FeedRefused does."""
    gathered = _Gathered()
    try:
        for number, record in feed.records(stream):
            gathered.add(number, record)
            if len(gathered) == size:
                yield gathered.batch()
                gathered = _Gathered()
    except FeedRefused:
        if len(gathered):
            yield gathered.batch()
        raise
    if len(gathered):
        yield gathered.batch()


@dataclass(slots=True)
class _Gathered:
    rows: list[Row] = field(default_factory=list)
    refused: list[tuple[Refusal, str | None]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows) + len(self.refused)

    def add(self, number: int, record: Mapping[str, str] | RowRefused) -> None:
        if isinstance(record, RowRefused):
            kept = None if record.line is None else json.dumps({"line": record.line}, ensure_ascii=False)
            self.refused.append((Refusal(number, str(record)), kept))
            return
        try:
            self.rows.append(feed.read_row(record))
        except RowRefused as refused:
            self.refused.append((Refusal(number, str(refused)), json.dumps(record, ensure_ascii=False)))

    def batch(self) -> Batch:
        return Batch(len(self), latest(self.rows), self.refused)
