"""What the stand-ins keep: their records, and a ledger of everything they were sent."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS ledger (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, service TEXT NOT NULL, event TEXT NOT NULL, body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS records (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (kind, key)
);
"""


class Book:
    """One SQLite file. Every write is on disk before it is answered."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.executescript(SCHEMA)

    def close(self) -> None:
        self._connection.close()

    def write(self, service: str, event: str, body: dict[str, Any]) -> None:
        """Add a line to the ledger."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._connection as connection:
            connection.execute(
                "INSERT INTO ledger (at, service, event, body) VALUES (?, ?, ?, ?)",
                (at, service, event, json.dumps(body)),
            )

    def lines(self, service: str | None = None) -> list[dict[str, Any]]:
        """The ledger, oldest first."""
        rows = self._connection.execute(
            "SELECT id, at, service, event, body FROM ledger "
            "WHERE ? IS NULL OR service = ? ORDER BY id",
            (service, service),
        )
        names = ("id", "at", "service", "event")
        return [
            {**dict(zip(names, row[:4], strict=True)), "body": json.loads(row[4])} for row in rows
        ]

    def put(self, kind: str, key: str, body: dict[str, Any]) -> None:
        """Write a record; an old one of this key keeps its place."""
        with self._connection as connection:
            connection.execute(
                "INSERT INTO records (kind, key, body) VALUES (?, ?, ?) "
                "ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
                (kind, key, json.dumps(body)),
            )

    def get(self, kind: str, key: str) -> dict[str, Any] | None:
        row = self._connection.execute(
            "SELECT body FROM records WHERE kind = ? AND key = ?", (kind, key)
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def remove(self, kind: str, key: str) -> None:
        with self._connection as connection:
            connection.execute("DELETE FROM records WHERE kind = ? AND key = ?", (kind, key))

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Records in the order in which they were first written."""
        rows = self._connection.execute(
            "SELECT body FROM records WHERE kind = ? ORDER BY id", (kind,)
        )
        return [json.loads(row[0]) for row in rows]

    def next(self, sequence: str) -> int:
        """1, 2, 3, ... and never the same again."""
        number = (self.get("sequence", sequence) or {"last": 0})["last"] + 1
        self.put("sequence", sequence, {"last": number})
        return int(number)
