"""One bounded log file a service: rotated at each start, cut when it grows too long."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

LIMIT = 50 * 1024 * 1024
KEPT = 2
"""How many older files are kept beside the current one: `name.log.1`, `name.log.2`."""

PORT_TAKEN = ("address already in use", "eaddrinuse", "address in use", "errno 98")
DISK_FULL = ("no space left on device", "disk is full", "enospc")


def rotate(log: Path) -> None:
    """Put the current file aside and drop the oldest."""
    if not log.exists() or log.stat().st_size == 0:
        return
    for number in range(KEPT, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        newer = log.with_name(f"{log.name}.{number - 1}") if number > 1 else log
        if newer.exists():
            os.replace(newer, older)


def shorten(log: Path, limit: int = LIMIT) -> bool:
    """Copy a too long file aside and empty it in place, for its writer keeps it open to append."""
    if not log.exists() or log.stat().st_size <= limit:
        return False
    shutil.copyfile(log, log.with_name(f"{log.name}.1"))
    os.truncate(log, 0)
    return True


def last_words(log: Path, lines: int = 6) -> str:
    """The last lines of the file, each at most 400 characters."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 16_384))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(line[:400] for line in text.splitlines()[-lines:])
