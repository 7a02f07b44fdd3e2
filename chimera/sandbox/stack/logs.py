"""One bounded log file a service: rotated at each start, cut when it grows too long."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import shutil
from collections.abc import Collection
from pathlib import Path

LIMIT = 50 * 1024 * 1024
CHECK = 10.0  # seconds between two looks at how long they are
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
    aside = log.with_name(f"{log.name}.1")
    try:
        shutil.copyfile(log, aside)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        aside.unlink(missing_ok=True)  # on a full disk room counts more than old lines
    os.truncate(log, 0)
    return True


async def keep_short(files: Collection[Path], limit: int = LIMIT, every: float = CHECK) -> None:
    """Shorten what is longer than `limit` bytes, every so many seconds, until cancelled."""
    while True:
        await asyncio.sleep(every)
        for log in files:
            with contextlib.suppress(OSError):
                await asyncio.to_thread(shorten, log, limit)


def last_words(log: Path, lines: int = 6) -> str:
    """The last lines of the file, each at most 400 characters."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 16_384))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(line[:400] for line in text.splitlines()[-lines:])
