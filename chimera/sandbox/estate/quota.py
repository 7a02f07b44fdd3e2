"""A process's own disk: a folder and its logs, with a limit measured on real files."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

from chimera.sandbox.estate.logs import JsonLog

JOURNAL_BYTES = 200_000


class Quota:
    """Counts the bytes that a process keeps and refuses to write beyond the limit.

    The live log has a reserve of its own (it rotates), as a real system keeps one for its journal:
    a full disk must still be able to say so.
    """

    def __init__(self, folder: Path, log: JsonLog, limit: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.log = log
        self.limit = limit
        self.used = 0
        self.measure()

    def measure(self) -> int:
        """Add up what is really there, in bytes."""
        files = [self.log.path, *self.log.rotated(), *self.folder.rglob("*")]
        total = 0
        for path in files:
            try:
                if path.is_file():
                    total += path.stat().st_size
            except FileNotFoundError:  # moved away while we counted
                continue
        self.used = total
        return total

    def claim(self, size: int) -> None:
        """Make sure that `size` more bytes fit. Raises OSError (ENOSPC) when they do not."""
        if self.used + size > self.limit:
            raise OSError(errno.ENOSPC, "No space left on device", str(self.folder))
        self.used += size

    def journal(self, entry: dict[str, Any]) -> None:
        """Append one line to the journal that every request must leave behind."""
        line = json.dumps(entry) + "\n"
        self.claim(len(line))
        path = self.folder / "journal.jsonl"
        if path.exists() and path.stat().st_size > JOURNAL_BYTES:
            os.replace(path, self.folder / "journal.1.jsonl")
            self.measure()
        with path.open("a") as out:
            out.write(line)
