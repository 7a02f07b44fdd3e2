"""Columns from a Parquet file, by pyarrow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from chimera.detection.base import Floats
from chimera.domain import Misconfigured
from chimera.platform.files.sheet import (
    Progress,
    Sheet,
    chosen,
    epochs,
    is_time,
    listed,
    risen,
    seconds,
    time_column,
)  # fmt: skip


def read_parquet(
    path: Path, time: str | None, columns: tuple[str, ...], progress: Progress
) -> Sheet:
    """The sheet of a Parquet file. Raises Misconfigured, also without pyarrow."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise Misconfigured(
            "Parquet files are read by pyarrow, which is not installed: `pip install pyarrow`, "
            "or give a CSV file"
        ) from error
    where = str(path)
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise Misconfigured(f"{path} is no whole Parquet file: {_first(error)}") from error
    schema, names = file.schema_arrow, list(file.schema_arrow.names)
    if not file.metadata.num_rows:
        raise Misconfigured(f"{path} has columns and no rows; there is nothing to look at")
    head = next(file.iter_batches(batch_size=20))

    def looks(n: int) -> bool:
        kind = schema.types[n]
        if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
            return True
        if not (
            pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind)
        ):
            return False
        return all(cell is not None and is_time(str(cell)) for cell in head.column(n).to_pylist())

    at = time_column(where, names, looks, time)
    wanted = chosen(where, names, at, columns)
    for n in wanted:
        kind = schema.types[n]
        if not (
            pa.types.is_integer(kind)
            or pa.types.is_floating(kind)
            or pa.types.is_boolean(kind)
            or pa.types.is_decimal(kind)
        ):
            raise Misconfigured(
                f"{path}, column {names[n]!r}: it holds {kind} and no numbers; name those that do "
                f"with --columns; it has {listed(names)}"
            )
    stamps: list[Floats] = []
    pieces: list[Floats] = []
    done = 0
    picked = [names[at], *(names[n] for n in wanted)]
    try:
        for batch in file.iter_batches(columns=picked):
            table = {name: batch.column(batch.schema.get_field_index(name)) for name in picked}
            stamps.append(_times(where, names[at], table[names[at]], done))
            pieces.append(np.stack([_numbers(table[names[n]]) for n in wanted]).astype(np.float64))
            done += batch.num_rows
            progress(done, file.metadata.num_rows)
    except pa.ArrowException as error:
        raise Misconfigured(f"{path} cannot be read: {_first(error)}") from error
    times = np.concatenate(stamps)
    risen(where, times, lambda row: f"row {row + 1}", names[at])
    kind = schema.types[at]
    naive = pa.types.is_timestamp(kind) and kind.tz is None
    notes = (f"times without an offset are taken as UTC ({names[at]})",) if naive else ()
    return Sheet(tuple(names[n] for n in wanted), times, np.concatenate(pieces, axis=1), notes)


def _times(where: str, name: str, column: Any, before: int) -> Floats:
    import pyarrow as pa

    if column.null_count:
        row = before + 1 + int(np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False))[0])
        raise Misconfigured(
            f"{where}, row {row}, column {name!r}: it has no time; leave the row out"
        )
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        exact = column.cast(pa.timestamp("us", getattr(column.type, "tz", None))).cast(pa.int64())
        return np.asarray(exact.to_numpy(zero_copy_only=False), dtype=np.float64) / 1e6
    found = np.empty(len(column))
    for n, cell in enumerate(column.to_pylist()):
        try:
            found[n] = (
                seconds(cell)
                if isinstance(cell, str)
                else float(epochs(np.array([float(cell)]))[0])
            )
        except (ValueError, TypeError) as error:
            raise Misconfigured(
                f"{where}, row {before + n + 1}, column {name!r}: {cell!r} is no time"
            ) from error
    return found


def _numbers(column: Any) -> Floats:
    import pyarrow as pa

    numbers = (
        column.cast(pa.float64())
        if not pa.types.is_boolean(column.type)
        else column.cast(pa.int8()).cast(pa.float64())
    )
    return np.asarray(numbers.to_numpy(zero_copy_only=False), dtype=np.float64)


def _first(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
