"""Series from files: CSV and Parquet, one time column and any number of numbers."""

from __future__ import annotations

from pathlib import Path

from chimera.platform.files.even import Even, even
from chimera.platform.files.sheet import Progress, Sheet

__all__ = ["Even", "Progress", "Sheet", "even", "read"]


def read(
    path: Path,
    *,
    time: str | None = None,
    columns: tuple[str, ...] = (),
    progress: Progress = lambda done, of: None,
) -> Sheet:
    """The columns of a file. `time` and `columns` None: found. Raises NotFound, Misconfigured.

    Parquet is told by its first bytes, whatever the file is called; all else is read as CSV.
    """
    from chimera.domain import Misconfigured, NotFound

    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {path}; correct its name") from error
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read: {error.strerror}; give a file") from error
    if not magic:
        raise Misconfigured(f"{path} is empty; it needs a header, a time column and numbers")
    if magic == b"PAR1":
        from chimera.platform.files.parquet import read_parquet

        return read_parquet(path, time, columns, progress)
    if path.suffix.lower() in (".parquet", ".pq"):
        raise Misconfigured(
            f"{path} is called Parquet and is not (its first bytes are {magic!r}); "
            "if it is CSV, call it .csv"
        )
    from chimera.platform.files.csv_file import read_csv

    return read_csv(path, time, columns, progress)
