"""The estate bench's results: kept line by line, shown as a table, written as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from chimera.bench.trial.judge import Verdict
from chimera.bench.trial.summary import outcome, row, summary
from chimera.domain import Misconfigured


def kept(file: Path) -> dict[str, Verdict]:
    """Verdicts of an earlier run by their case's key; none if there is no file.

    A last line that was cut short is left out: its case is tried again. Raises Misconfigured.
    """
    if not file.exists():
        return {}
    lines = [line for line in file.read_text().splitlines() if line.strip()]
    found: dict[str, Verdict] = {}
    for number, line in enumerate(lines, 1):
        try:
            verdict = Verdict.model_validate_json(line)
        except ValueError as error:
            if number == len(lines):
                break
            raise Misconfigured(
                f"{file}, line {number}: not a result of this bench ({type(error).__name__}); "
                "give another file to --resume"
            ) from error
        found[verdict.case.key] = verdict
    return found


def keep(file: Path, verdict: Verdict) -> None:
    """Add one verdict, on disk when this returns."""
    text = file.read_text() if file.exists() else ""
    start = "" if not text or text.endswith("\n") else "\n"
    with file.open("a") as out:
        out.write(start + verdict.model_dump_json() + "\n")


def table(verdicts: Sequence[Verdict]) -> Table:
    shown = Table(title="chimera bench estate", title_justify="left")
    for name in ("fault", "target", "mag", "seed", "delay", "named", "right", "outcome", "wrong"):
        shown.add_column(name, overflow="fold")
    for verdict in verdicts:
        case, line = verdict.case, row(verdict)
        right = line["right_cause"]
        wrong = len(verdict.wrong_changes) + verdict.false_incidents + verdict.unwanted_orders
        shown.add_row(
            case.fault,
            case.target,
            f"{case.magnitude:g}",
            str(case.seed),
            "-" if line["delay"] is None else f"{line['delay']:.1f}",
            line["named_cause"],
            "-" if right is None else ("yes" if right else "no"),
            outcome(verdict),
            str(wrong or "-"),
        )
    return shown


def lines(found: Mapping[str, Any]) -> list[str]:
    """The summary as text."""

    def percent(name: str) -> str:
        return "-" if found[name] is None else f"{found[name]:.0%}"

    delay, lead = found["detection_delay_intervals"], found["lead_seconds"]
    delay_text = "-" if delay is None else f"{delay:.1f}"
    lead_text = "-" if lead is None else f"{lead:.0f} s"
    return [
        f"true cause first  {percent('top1')} of {found['troubles']} troubles",
        f"kind of fault     {percent('kind')}; both of two at once {percent('both')}; blast radius "
        f"{percent('blast')} of the cases that name a cause",
        f"repaired, proved  {percent('repaired')} of {found['repairable']} repairable ones",
        f"detection delay   {delay_text} scrape intervals (median, from the injection call; "
        "slow faults apart)",
        f"lead time         {lead_text} before users are hit (median of slow faults); in "
        f"{found['slow_users_never_hit']} of {found['slow_cases']} they never were",
        f"wrong changes left in place  {found['wrong_changes']}",
        f"false incidents   {found['false_incidents']}",
        f"orders where nothing was wrong  {found['unwanted_orders']}",
    ]


def write(file: Path, header: Mapping[str, Any], verdicts: Sequence[Verdict]) -> None:
    """The JSON file: `header`, `summary`, `cases`."""
    whole = {
        "header": dict(header),
        "summary": summary(verdicts),
        "cases": [row(verdict) for verdict in verdicts],
    }
    file.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n")
