"""The report of `hotline bench match`, as people and as programs read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from hotline.bench.callers import FOUND
from hotline.bench.measures import ACCEPTED, HONEST, LEAST_IN_BIN, Figures

if TYPE_CHECKING:
    from hotline.bench.match import Report


def as_json(report: Report) -> dict[str, object]:
    """The report as plain objects: shares 0 to 1, times in milliseconds, memory in MiB."""
    return {
        "people": report.people,
        "per_kind": report.per_kind,
        "seed": report.seed,
        "half": "test" if report.is_test else "development",
        "database": report.database,
        "import_seconds": round(report.import_seconds, 1),
        "open_ms": round(report.asking.open_ms, 1),
        "first_ms": round(report.asking.first_ms, 1),
        "rss_mb": round(report.asking.rss_mb, 1),
        "search": figures_json(report.search),
        "hidden": asdict(report.hiding),
        "peers": {name: asdict(found) for name, found in report.peers},
        "calls": None if report.calls is None else report.calls.as_json(),
    }


def figures_json(found: Figures) -> dict[str, object]:
    """The measures as plain objects; `off` has the bins in which what is stated is not what happens."""
    return {**asdict(found), "off": [asdict(one) for one in found.off]}


def as_table(report: Report) -> str:
    """The report in lines of text, percentages with one decimal."""
    lines = [
        f"hotline bench match --people {report.people} --per-kind {report.per_kind} --seed {report.seed}"
        f"   ({'test' if report.is_test else 'development'} seed, {report.database})",
        "",
        figures_table(report.search),
        f"start              opened in {report.asking.open_ms:.0f} ms, first answer in {report.asking.first_ms:.0f} ms",
        f"memory             {report.asking.rss_mb:.0f} MiB; import {report.import_seconds:.0f} s",
        f"may not be shown   {report.hiding.queries} asked for, {report.hiding.shown} shown; "
        f"p50 {report.hiding.p50:.1f} ms, strangers {report.hiding.p50_strangers:.1f} ms",
    ]
    if report.peers:
        lines += ["", *_peers(report)]
    if report.calls is not None:
        lines += ["", report.calls.as_table()]
    return "\n".join(lines)


def figures_table(found: Figures) -> str:
    """The measures in lines of text, percentages with one decimal."""
    lines = [
        *_kinds(found),
        "",
        f"all kinds          R@1 {_p(found.first)}  R@3 {_p(found.third)}  R@FAR1 {_p(found.recall_at_far_1)}",
        f"accepted at {ACCEPTED}    far {_p(found.far)}  near {_p(found.near)}  wrong namesake {_p(found.namesakes)}",
        f"calibration        Brier {found.brier:.3f}",
        "",
        *_reliability(found),
        "",
        *_countries(found),
        "",
        f"time               p50 {found.p50:.1f} ms  p95 {found.p95:.1f} ms  p99 {found.p99:.1f} ms",
    ]
    return "\n".join(lines)


def growth_table(reports: Sequence[Report]) -> str:
    """What grows with the number of people: one line a run, smallest first as given."""
    heads = f"{'R@1':>7}{'R@3':>7}{'R@FAR1':>8}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'first ms':>10}{'MiB':>7}"
    lines = [f"{'people':>10}{heads}{'import s':>10}"]
    for report in reports:
        found, asking = report.search, report.asking
        times = f"{found.p50:>9.1f}{found.p95:>9.1f}{found.p99:>9.1f}{asking.first_ms:>10.0f}{asking.rss_mb:>7.0f}"
        shares = f"{_p(found.first)}{_p(found.third)} {_p(found.recall_at_far_1)}"
        lines.append(f"{report.people:>10}{shares}{times}{report.import_seconds:>10.0f}")
    return "\n".join(lines)


def _kinds(found: Figures) -> list[str]:
    heads = f"{'R@1':>7}{'R@3':>7}{'by lot':>7}{'at 0.9':>8}{'wrong':>7}{'read back':>11}"
    lines = [f"{'kind':18}{'asked':>7}{'decided':>9}{heads}"]
    for row in found.kinds:
        recall = f"{_p(row.first)}{_p(row.third)}{_p(row.by_lot)}" if row.kind in FOUND else f"{'':21}"
        lines.append(
            f"{row.kind:18}{row.queries:>7}{row.decided:>9}{recall}"
            f" {_p(row.accepted)}{_p(row.wrong)}    {_p(row.confirmed)}"
        )
    return lines


def _reliability(found: Figures) -> list[str]:
    rows = [f"{_p(b.stated)}  {_p(b.right)}  {b.count:>9}{'  off' if b.is_off else ''}" for b in found.reliability]
    within = f"within {HONEST * 100:.0f} points of what is stated, of bins with {LEAST_IN_BIN} answers or more: "
    return ["stated    right    answers", *rows, within + (f"all but {len(found.off)}" if found.off else "every bin")]


def _countries(found: Figures) -> list[str]:
    cells = [f"{code} {_p(recall).strip()} ({count})" for code, recall, count in found.countries]
    rows = [cells[n : n + 6] for n in range(0, len(cells), 6)]
    return ["R@1 by country of birth, worst first (queries)", *("  " + "  ".join(row) for row in rows)]


def _peers(report: Report) -> list[str]:
    lines = [f"{'method':34}{'R@1':>7}{'R@3':>7}{'far':>7}{'near':>7}{'R@FAR1':>8}{'p50 ms':>8}{'p95 ms':>8}"]
    for name, found in (*report.peers, ("this search, accepted at 0.9", report.search)):
        lines.append(
            f"{name:34}{_p(found.first)}{_p(found.third)}{_p(found.far)}{_p(found.near)} {_p(found.recall_at_far_1)}"
            f"{found.p50:>8.1f}{found.p95:>8.1f}"
        )
    by_kind = {name: {row.kind: row.first for row in found.kinds} for name, found in report.peers}
    ours = {row.kind: row.first for row in report.search.kinds}
    lines += ["", f"{'R@1 by kind':18}" + "".join(f"{name[:12]:>14}" for name in (*by_kind, "this"))]
    for kind in FOUND:
        if kind in ours:
            cells = [_p(rows[kind]) if kind in rows else "–" for rows in (*by_kind.values(), ours)]
            lines.append(f"{kind:18}" + "".join(f"{cell:>14}" for cell in cells))
    return lines


def _p(share: float) -> str:
    return f"{share * 100:7.1f}"
