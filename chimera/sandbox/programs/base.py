"""What was found, where things are kept, and one error when nothing was."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from chimera.domain.errors import ChimeraError

Say = Callable[[str], None]
"""Takes one line that tells a person what is being done."""


class ProgramMissing(ChimeraError):
    """A program could be found in none of the ways there are; the message lists them."""


@dataclass(frozen=True)
class Program:
    """An executable that works: where it is, its version, and how it was come by."""

    path: Path
    version: str
    how: str


def silent(line: str) -> None:
    """Say nothing."""


def cache_folder() -> Path:
    """The user's cache folder, made when missing."""
    folder = Path(platformdirs.user_cache_dir("chimera"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def on_path(name: str) -> Path | None:
    """The program of that name on PATH, resolved."""
    found = shutil.which(name)
    return Path(found).resolve() if found else None


def missing(what: str, tried: Sequence[str], remedy: str) -> ProgramMissing:
    """One error that lists every way that was tried and what to do next."""
    lines = "".join(f"\n  - {attempt}" for attempt in tried)
    return ProgramMissing(f"{what} was not found. Tried:{lines}\n{remedy}")


@asynccontextmanager
async def locked(path: Path) -> AsyncIterator[None]:
    """Hold an exclusive lock on a file among all processes; it ends with the process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(0.05)
        yield


async def output_of(
    command: Sequence[str | Path], timeout: float = 20, env: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Run a short command; its exit code and everything it wrote. 127 when it cannot be run."""
    try:
        process = await asyncio.create_subprocess_exec(
            *map(str, command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **(env or {})},
        )
    except OSError as error:
        return 127, str(error)
    try:
        wrote, _ = await asyncio.wait_for(process.communicate(), timeout)
    except TimeoutError:
        return 124, f"no answer within {timeout:g} s"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode or 0, wrote.decode(errors="replace")
