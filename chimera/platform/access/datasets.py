"""The estate's datasets as Parquet files: names, columns, rows, and questions over them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chimera.domain import NotFound, Refused, Unavailable
from chimera.platform.access.similar import or_near
from chimera.platform.access.sql import MOST, checked_sql

MEMORY = "256MB"
SECONDS = 10.0


@dataclass(frozen=True)
class Column:
    """What is known of one column. `nulls` is a share of 1."""

    name: str
    type: str
    nulls: float = 0.0
    distinct: int = 0
    low: str = ""
    high: str = ""


@dataclass(frozen=True)
class Rows:
    """An answer: the statement that was run, its columns and its rows, all as plain values."""

    sql: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    cut: bool = False  # there may be more rows than these


class Datasets:
    """Parquet files below a folder, by dataset: `<name>/*.parquet`, at any depth, or `<name>.parquet`.

    Each question gets a DuckDB of its own that sees these files as views and nothing else of the
    machine; it cannot write, load an extension or change its own settings.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def files(self) -> dict[str, tuple[Path, ...]]:
        """The files of each dataset; hidden ones and those being written are no part of it."""
        found: dict[str, list[Path]] = {}
        for path in sorted(self.folder.rglob("*.parquet")):
            inside = path.relative_to(self.folder).parts
            if any(part.startswith(".") or part == "quarantine" for part in inside):
                continue
            name = path.stem if len(inside) == 1 else path.parent.name
            found.setdefault(name, []).append(path)
        return {name: tuple(paths) for name, paths in found.items()}

    async def schema(self) -> dict[str, dict[str, str]]:
        """Dataset -> column -> type."""
        return await asyncio.to_thread(self._schema)

    async def profile(self, name: str, seconds: float = SECONDS) -> tuple[int, tuple[Column, ...]]:
        """Rows, and each column's share of nulls, distinct values, least and greatest."""
        schema = await self.schema()
        if name not in schema:
            raise NotFound(f"there is no dataset {name!r} among the files{or_near(name, schema)}")
        parts = ["count(*)"]
        for column in schema[name]:
            c = quoted(column)
            parts += [f"count({c})", f"count(DISTINCT {c})", f"min({c})", f"max({c})"]
        asked = f"SELECT {', '.join(parts)} FROM {quoted(name)}"
        _, rows = await self._bounded(asked, {name: schema[name]}, seconds)
        total, *rest = rows[0]
        columns = []
        for at, (column, kind) in enumerate(schema[name].items()):
            there, distinct, low, high = rest[4 * at : 4 * at + 4]
            nulls = 1.0 - there / total if total else 0.0
            columns.append(Column(column, kind, nulls, distinct, text(low), text(high)))
        return int(total), tuple(columns)

    async def ask(self, sql: str, most: int = MOST, seconds: float = SECONDS) -> Rows:
        """Check a statement and run it. Raises Refused, Unavailable when it takes too long."""
        schema = await self.schema()
        written = checked_sql(sql, schema, most)
        columns, rows = await self._bounded(written, schema, seconds)
        return Rows(written, columns, rows, cut=len(rows) >= most)

    async def _bounded(
        self, sql: str, schema: Mapping[str, object], seconds: float
    ) -> tuple[tuple[str, ...], tuple[tuple[Any, ...], ...]]:
        import duckdb

        connection = self._open({n: p for n, p in self.files().items() if n in schema})
        stop = threading.Timer(seconds, connection.interrupt)
        stop.start()

        def run() -> tuple[tuple[str, ...], tuple[tuple[Any, ...], ...]]:
            asked = connection.execute(sql)
            return tuple(d[0] for d in asked.description or ()), tuple(asked.fetchall())

        try:
            return await asyncio.to_thread(run)
        except duckdb.InterruptException as error:
            raise Unavailable("DuckDB", f"answer within {seconds:g} s", "ask for less") from error
        except duckdb.Error as error:
            raise Refused(f"DuckDB refused {sql!r}: {str(error).splitlines()[0]}") from error
        finally:
            stop.cancel()
            connection.close()

    def _schema(self) -> dict[str, dict[str, str]]:
        files = self.files()
        connection = self._open(files)
        try:
            return {
                name: {
                    str(row[0]): str(row[1])
                    for row in connection.execute(f"DESCRIBE {quoted(name)}").fetchall()
                }
                for name in files
            }
        finally:
            connection.close()

    def _open(self, files: Mapping[str, tuple[Path, ...]]) -> Any:
        import duckdb

        connection = duckdb.connect(":memory:")
        allowed = [str(path) for paths in files.values() for path in paths]
        connection.execute(f"SET threads=1; SET memory_limit='{MEMORY}'")
        connection.execute(f"SET allowed_paths={literal(allowed)}")
        connection.execute("SET enable_external_access=false; SET lock_configuration=true")
        for name, paths in files.items():
            listed = literal([str(path) for path in paths])
            connection.execute(
                f"CREATE VIEW {quoted(name)} AS "
                f"SELECT * FROM read_parquet({listed}, union_by_name=true)"
            )
        return connection


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(texts: list[str]) -> str:
    return "[" + ", ".join("'" + one.replace("'", "''") + "'" for one in texts) + "]"


def text(value: Any) -> str:
    return "" if value is None else str(value)[:60]
