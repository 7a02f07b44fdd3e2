"""The folder that a stack lives in: made and looked at before a start, removed if it was for one run."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chimera.sandbox.stack.service import StartFailed

FULL = (errno.ENOSPC, errno.EDQUOT)
DISK_NEEDED = 500 * 1024 * 1024
ANOTHER = "name another folder in CHIMERA_HOME"


def prepare_home(home: Path, needed: int = DISK_NEEDED) -> None:
    """Make the folders, on a disk with `needed` bytes left. Raises StartFailed."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        for name in ("logs", "estate", "chimera"):
            (home / name).mkdir(exist_ok=True)
        free = shutil.disk_usage(home).free
    except OSError as error:
        raise explained(error, home) from error
    if free < needed:
        raise StartFailed(
            f"the disk of {home} has {free // 2**20} MB left and the stack needs "
            f"{needed // 2**20}; make room, or {ANOTHER}"
        )


def is_about(error: OSError, home: Path) -> bool:
    """Whether the disk is full, or it is a file of the stack's that could not be used."""
    named = error.filename if isinstance(error.filename, str) else ""
    return error.errno in FULL or (bool(named) and Path(named).is_relative_to(home))


def explained(error: OSError, home: Path) -> StartFailed:
    """Why the stack could not write where it lives."""
    if error.errno in FULL:
        return StartFailed(f"the disk of {home} is full; make room, or {ANOTHER}")
    where = f"{error.filename}: " if error.filename else ""
    return StartFailed(f"the stack cannot use {home} ({where}{error.strerror or error}); {ANOTHER}")


@contextmanager
def home_for(given: Path | None, prefix: str) -> Iterator[Path]:
    """The home that is given, which stays; else a temporary one.

    A temporary one stays too when the start failed and the error names a log in it.
    """
    if given is not None:
        yield given
        return
    home = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        yield home
    except StartFailed as failure:
        if failure.log is None:
            shutil.rmtree(home, ignore_errors=True)
        raise
    except BaseException:
        shutil.rmtree(home, ignore_errors=True)
        raise
    shutil.rmtree(home, ignore_errors=True)
