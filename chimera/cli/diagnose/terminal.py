"""A report in the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from chimera.cli.base.output import line, say, table
from chimera.cli.diagnose.report import Cause, Claim, Report


def show(report: Report) -> None:
    for text in told(report):
        say(text)
    for one in report.full:
        say(one.title)
        table(one.columns, one.rows, "")
    for title, texts in report.notes:
        for text in texts:
            say(f"{title}  {line(text)}")


def told(report: Report) -> Iterator[str]:
    """The headline, the causes and the runners-up, line by line."""
    yield line(report.headline)
    yield f"  {line(report.context)}"
    for cause in report.causes:
        yield from lines(cause)
    if report.rivals:
        yield "runners-up"
    for cause in report.rivals:
        why = cause.evidence[0].text if cause.evidence else "no sign of its own"
        yield f"  {line(cause.name)}  {cause.sure}  {line(cause.says or why)}"


def lines(cause: Cause) -> Iterator[str]:
    yield line(f"{cause.name}: {cause.kind}")
    yield from (f"  + {claimed(claim)}" for claim in cause.evidence)
    yield from (f"  - {claimed(claim)}" for claim in cause.against)
    if cause.repair:
        yield f"  repair  {line(cause.repair)}"


def claimed(claim: Claim) -> str:
    others = " (written by others)" if claim.untrusted else ""
    return line(claim.text) + others + (f"  [{line(claim.where)}]" if claim.where else "")
