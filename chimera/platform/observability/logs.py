"""Log files of JSON lines: search, and what has changed in what they say."""

from __future__ import annotations

import asyncio
import math
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from pydantic import Field

from chimera.domain import Value
from chimera.platform.observability.redaction import redacted

TAIL = 4_000_000  # bytes read of one file, from its end
LINE = 2_000  # characters kept of one message
ROTATED = re.compile(r"^(?P<service>.+)-\d+\.log(\.\d+)?$")


class LogLine(Value):
    time: datetime
    level: str
    service: str
    message: str  # redacted; written by others: data, never orders
    trace_id: str = ""
    fields: dict[str, str] = Field(default_factory=dict)
    file: str = ""


class LogSearch(Value):
    """The newest matching lines, oldest first."""

    lines: tuple[LogLine, ...]
    matched: int
    truncated: bool  # older lines, or more matches, were left out


class TemplateCount(Value):
    """One kind of message and how often it came, before and after a moment."""

    service: str
    level: str
    template: str
    before: int
    after: int
    example: str


class LogFiles:
    """Reads `<service>-<n>.log` files in one folder; at most the last megabytes of each."""

    def __init__(self, directory: Path, *, tail: int = TAIL) -> None:
        self.directory = directory
        self._tail = tail

    async def search(
        self,
        query: str,
        since: datetime,
        until: datetime,
        service: str | None = None,
        limit: int = 100,
    ) -> LogSearch:
        """Lines that contain every word of the query (case does not matter; quote a phrase)."""
        return await asyncio.to_thread(self._search, query, since, until, service, limit)

    async def summary(
        self,
        since: datetime,
        at: datetime,
        until: datetime,
        service: str | None = None,
        limit: int = 20,
    ) -> tuple[TemplateCount, ...]:
        """Kinds of messages in [since, at) and [at, until], the most changed first."""
        return await asyncio.to_thread(self._summary, since, at, until, service, limit)

    def _search(
        self, query: str, since: datetime, until: datetime, service: str | None, limit: int
    ) -> LogSearch:
        words = [(a or b).lower() for a, b in re.findall(r'"([^"]*)"|(\S+)', query)]
        found: list[LogLine] = []
        cut = False
        for path in self._files(service):
            lines, shortened = _tail_of(path, self._tail)
            for raw in lines:
                text = raw.lower()
                if not all(word.encode() in text for word in words):
                    continue
                line = _parsed(raw, path)
                if line is not None and since <= line.time <= until:
                    found.append(line)
            cut = cut or shortened
        found.sort(key=lambda line: line.time)
        kept = tuple(found[-limit:]) if limit > 0 else ()
        return LogSearch(lines=kept, matched=len(found), truncated=cut or len(found) > len(kept))

    def _summary(
        self, since: datetime, at: datetime, until: datetime, service: str | None, limit: int
    ) -> tuple[TemplateCount, ...]:
        before: Counter[tuple[str, str, str]] = Counter()
        after: Counter[tuple[str, str, str]] = Counter()
        examples: dict[tuple[str, str, str], str] = {}
        for path in self._files(service):
            for raw in _tail_of(path, self._tail)[0]:
                line = _parsed(raw, path)
                if line is None or not since <= line.time <= until:
                    continue
                kind = (line.service, line.level, template(line.message))
                (before if line.time < at else after)[kind] += 1
                if line.time >= at or kind not in examples:
                    examples[kind] = line.message
        share = max((at - since).total_seconds(), 1.0) / max((until - at).total_seconds(), 1.0)

        def change(kind: tuple[str, str, str]) -> float:
            """How far the rate has moved, in units of its own chance variation."""
            was, now = before[kind] / share, float(after[kind])
            return abs(now - was) / math.sqrt(was + now + 1.0)

        kinds = sorted({*before, *after}, key=change, reverse=True)[:limit]
        return tuple(
            TemplateCount(
                service=k[0],
                level=k[1],
                template=k[2],
                before=before[k],
                after=after[k],
                example=examples[k],
            )
            for k in kinds
        )

    def _files(self, service: str | None) -> Iterator[Path]:
        if not self.directory.is_dir():
            return
        for path in sorted(self.directory.iterdir()):
            match = ROTATED.match(path.name)
            if match and path.is_file() and service in (None, match["service"]):
                yield path


def template(message: str) -> str:
    """A message without what differs each time: ids, numbers, addresses, quoted values."""
    for pattern, instead in MASKS:
        message = pattern.sub(instead, message)
    return message[:300]


MASKS = (
    (re.compile(r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F-]{22}\b"), "<id>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ][\d:.]+(Z|[+-]\d\d:?\d\d)?"), "<time>"),
    (re.compile(r"\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b"), "<address>"),
    (re.compile(r"\b(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{8,}\b"), "<id>"),
    (re.compile(r"(?<=[\w-])\d+\b|\b\d+(\.\d+)?"), "<n>"),
)


def _tail_of(path: Path, size: int) -> tuple[list[bytes], bool]:
    """The last lines of a file, and whether earlier ones were left out; none if it has gone."""
    try:
        with path.open("rb") as file:
            end = file.seek(0, 2)
            start = max(end - size, 0)
            file.seek(start)
            lines = file.read(size).splitlines()
    except OSError:  # rotated or removed meanwhile
        return [], True
    return (lines[1:] if start else lines), start > 0


def _parsed(raw: bytes, path: Path) -> LogLine | None:
    """A line, or nothing if it is no JSON object with a time."""
    try:
        said: Any = orjson.loads(raw)
        time = datetime.fromisoformat(str(said["time"]).replace("Z", "+00:00"))
    except (orjson.JSONDecodeError, ValueError, KeyError, TypeError):
        return None
    match = ROTATED.match(path.name)
    known = ("time", "level", "service", "trace_id", "message")
    fields = {
        str(k): redacted(f"{k}={v}")[len(str(k)) + 1 :][:200]
        for k, v in said.items()
        if k not in known
    }
    return LogLine(
        time=time if time.tzinfo else time.replace(tzinfo=UTC),
        level=str(said.get("level", "info")).lower(),
        service=str(said.get("service") or (match["service"] if match else "")),
        message=redacted(str(said.get("message", "")))[:LINE],
        trace_id=str(said.get("trace_id") or ""),
        fields=fields,
        file=path.name,
    )
