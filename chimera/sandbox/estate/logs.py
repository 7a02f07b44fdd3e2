"""JSON log lines with a trace id, one file a process, rotated by size."""

from __future__ import annotations

import json
import os
import uuid
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

TRACE: ContextVar[str] = ContextVar("trace", default="")
KEEP = 3
ROTATE_BYTES = 1_000_000


def new_trace() -> str:
    return uuid.uuid4().hex


class JsonLog:
    """Appends to `<instance>.log`; older pieces become `.log.1` to `.log.3`."""

    def __init__(self, path: Path, service: str) -> None:
        self.path = path
        self.service = service
        path.parent.mkdir(parents=True, exist_ok=True)
        self._out = path.open("a", buffering=1)

    def write(self, level: str, message: str, **more: Any) -> None:
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "level": level,
            "service": self.service,
            "trace_id": TRACE.get(),
            "message": message,
            **more,
        }
        self._out.write(json.dumps(line) + "\n")
        if self._out.tell() > ROTATE_BYTES:
            self._rotate()

    def info(self, message: str, **more: Any) -> None:
        self.write("info", message, **more)

    def warning(self, message: str, **more: Any) -> None:
        self.write("warning", message, **more)

    def error(self, message: str, **more: Any) -> None:
        self.write("error", message, **more)

    def rotated(self) -> list[Path]:
        """Old pieces, which may be moved away."""
        return sorted(self.path.parent.glob(f"{self.path.name}.*"))

    def _rotate(self) -> None:
        self._out.close()
        for number in range(KEEP, 0, -1):
            old = self.path.with_name(f"{self.path.name}.{number}")
            if not old.exists():
                continue
            if number == KEEP:
                old.unlink()
            else:
                os.replace(old, self.path.with_name(f"{self.path.name}.{number + 1}"))
        os.replace(self.path, self.path.with_name(f"{self.path.name}.1"))
        self._out = self.path.open("a", buffering=1)
