"""Where a bench writes: a terminal as wide as it is, or a file that is not cut at 80 columns."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from rich.console import Console

FILE_WIDTH = 150


def screen() -> Console:
    return Console(width=None if sys.stdout.isatty() else FILE_WIDTH)


def stamped(console: Console, text: str) -> None:
    """A line with the time (UTC) before it; what others wrote in it is not markup."""
    now = datetime.now(UTC)
    line = f"{now:%H:%M:%S}  {text}"
    console.print(line, highlight=False, markup=False, soft_wrap=True)
