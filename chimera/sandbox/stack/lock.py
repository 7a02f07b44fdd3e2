"""The lock on a stack's home: its supervisor holds it, and it goes with it, however that ends."""

from __future__ import annotations

import asyncio
import fcntl
from pathlib import Path
from typing import IO

ATTEMPTS = 10
PAUSE = 0.05


def lock_path(home: Path) -> Path:
    """The file whose lock a running supervisor holds."""
    return home / "stack.lock"


async def take(home: Path) -> IO[str] | None:
    """The lock, held until the file is closed; None while another supervisor has it."""
    file = lock_path(home).open("a+")
    for _ in range(ATTEMPTS):  # others look at the lock for an instant, too
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            await asyncio.sleep(PAUSE)
        else:
            return file
    file.close()
    return None


def is_running(home: Path) -> bool:
    """Whether a supervisor holds the stack's lock; a killed one does not."""
    try:
        with lock_path(home).open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except (BlockingIOError, PermissionError):
        return True
    return False
