"""What a question over data found, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from chimera.agents.chat.figures.question import Question
from chimera.platform.access.datasets import Rows

NONE = "(empty)"
TOLD = 6  # cells of a row in the sentence


def lead(asked: Question | None, found: Rows, rows: Sequence[tuple[str, ...]]) -> str:
    """The answer itself; the rows stand below it."""
    names = [c.replace("_", " ") for c in found.columns]
    if not rows:
        return "No row fits."
    if asked is not None and asked.exists:
        there = rows[0][0] != "0"
        return f"{'Yes' if there else 'No'}: {rows[0][0]} rows."
    if asked is not None and (asked.rank or asked.show) and len(rows) == 1:
        cells = zip(names[: TOLD + 2], rows[0], strict=False)
        return ", ".join(f"{n} {v or NONE}" for n, v in cells) + "."
    if len(rows) == 1 and (asked is None or not asked.groups):
        cells = zip(names, rows[0], strict=True)
        return "; ".join(f"{n}: {v or 'no value'}" for n, v in cells) + "."
    if asked is not None and asked.groups and len(names) >= 2:
        at = len(asked.groups)
        first = " / ".join(v or NONE for v in rows[0][:at])
        if asked.timed:
            return f"{len(rows)} rows, from {first} with {rows[0][at]}."
        verb = "leads" if asked.order == "DESC" else "is last"
        return f"{first} {verb} with {rows[0][at]}; {len(rows)} rows."
    if asked is not None and asked.show and len(names) == 1:
        return f"{len(rows)}: {', '.join(r[0] or NONE for r in rows[:20])}."
    if len(names) == 2 and asked is None:
        return f"{rows[0][0]} leads with {rows[0][1]}; {len(rows)} rows."
    return f"{len(rows)} rows."


def shown(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)[:80]
