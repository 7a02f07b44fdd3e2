"""The datasets that questions are about: whether their folder is there and its files can be read."""

from __future__ import annotations

import os

from chimera.cli.doctor.check import Check, Result, bad, missing, ok
from chimera.platform.settings import Settings


async def look_at_data(settings: Settings) -> Result:
    folder = settings.data.directory
    if folder is None:
        return missing("data", "no questions over data are answered", "set data.directory")
    if not os.access(folder, os.R_OK | os.X_OK):
        return bad("data", f"{folder} is not there or not readable", "correct data.directory")
    import duckdb

    from chimera.platform.access import Datasets

    try:
        names = sorted(await Datasets(folder).schema())
    except duckdb.Error as error:
        why = f"a file in {folder} cannot be read: {str(error).splitlines()[0]}"
        return bad("data", why, "mend or remove the file, or put it into a hidden folder")
    if not names:
        return missing("data", f"{folder} holds no Parquet files", "correct data.directory")
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return ok("data", f"{len(names)} datasets in {folder}: {shown}")


data = Check("data", look_at_data, 25)
