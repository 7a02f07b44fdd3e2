"""What the controller must never forget: wishes, the ledger of effects, fences, faults.

One SQLite file, written through to the disk: an effect and the wish it changes are one transaction,
so that a kill of the controller loses neither and repeats neither.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chimera.domain import Effect
from chimera.sandbox.estate.desired import Desired

SCHEMA = """
CREATE TABLE IF NOT EXISTS wishes(service TEXT PRIMARY KEY, wish TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS ledger(
    number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, order_id TEXT NOT NULL,
    verb TEXT NOT NULL, target TEXT NOT NULL, arguments TEXT NOT NULL, at REAL NOT NULL,
    applied INTEGER NOT NULL, result TEXT NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS one_effect ON ledger(key) WHERE applied = 1;
CREATE TABLE IF NOT EXISTS fences(order_id TEXT PRIMARY KEY, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS faults(id TEXT PRIMARY KEY, fault TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS releases(
    service TEXT, version TEXT, behaviours TEXT NOT NULL, PRIMARY KEY (service, version));
"""


class Records:
    """The controller's memory."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(SCHEMA)

    @contextmanager
    def together(self) -> Iterator[None]:
        """All or nothing."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def wishes(self) -> dict[str, Desired]:
        rows = self._db.execute("SELECT wish FROM wishes").fetchall()
        found = [Desired.model_validate_json(row[0]) for row in rows]
        return {wish.service: wish for wish in found}

    def keep_wish(self, wish: Desired) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO wishes VALUES (?, ?)", (wish.service, wish.model_dump_json())
        )

    def result(self, key: str) -> dict[str, str] | None:
        """What an effect did, if it was done."""
        row = self._db.execute(
            "SELECT result FROM ledger WHERE key = ? AND applied = 1", (key,)
        ).fetchone()
        return json.loads(row[0]) if row else None

    def enter(self, effect: Effect, applied: bool, result: dict[str, str]) -> None:
        self._db.execute(
            "INSERT INTO ledger(key, order_id, verb, target, arguments, at, applied, result)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                effect.key,
                effect.order_id,
                effect.verb,
                effect.target,
                json.dumps(effect.arguments),
                time.time(),
                applied,
                json.dumps(result),
            ),
        )

    def effects(self, order_id: str) -> dict[str, dict[str, str]]:
        rows = self._db.execute(
            "SELECT key, result FROM ledger WHERE order_id = ? AND applied = 1", (order_id,)
        )
        return {key: json.loads(result) for key, result in rows}

    def ledger(self) -> list[dict[str, Any]]:
        rows = self._db.execute(
            "SELECT key, order_id, verb, target, arguments, at, applied, result FROM ledger"
            " ORDER BY number"
        )
        names = ("key", "order_id", "verb", "target", "arguments", "at", "applied", "result")
        listed = [dict(zip(names, row, strict=True)) for row in rows]
        for row in listed:
            row["arguments"], row["result"] = (
                json.loads(row["arguments"]),
                json.loads(row["result"]),
            )
            row["applied"] = bool(row["applied"])
        return listed

    def fence(self, order_id: str) -> None:
        self._db.execute("INSERT OR IGNORE INTO fences VALUES (?, ?)", (order_id, time.time()))

    def fenced(self, order_id: str) -> bool:
        row = self._db.execute("SELECT 1 FROM fences WHERE order_id = ?", (order_id,)).fetchone()
        return row is not None

    def keep_fault(self, name: str, fault: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO faults VALUES (?, ?)", (name, fault))

    def drop_fault(self, name: str) -> None:
        self._db.execute("DELETE FROM faults WHERE id = ?", (name,))

    def faults(self) -> list[str]:
        return [row[0] for row in self._db.execute("SELECT fault FROM faults ORDER BY rowid")]

    def publish(self, service: str, version: str, behaviours: dict[str, str]) -> None:
        self._db.execute(
            "INSERT OR IGNORE INTO releases VALUES (?, ?, ?)",
            (service, version, json.dumps(behaviours)),
        )

    def releases(self, service: str) -> dict[str, dict[str, str]]:
        """Every version that can be deployed, in the order of publication."""
        rows = self._db.execute(
            "SELECT version, behaviours FROM releases WHERE service = ? ORDER BY rowid", (service,)
        )
        return {version: json.loads(behaviours) for version, behaviours in rows}

    def close(self) -> None:
        self._db.close()
