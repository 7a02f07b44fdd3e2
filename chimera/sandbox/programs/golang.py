"""Building a Go program from the module proxy, with a toolchain that is named exactly."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import tempfile
import time
from pathlib import Path

from chimera.sandbox.programs.base import Say, locked, on_path, output_of

TOOLCHAIN = "go1.26.8"
OLDEST = (1, 21)
"""From this version on, Go fetches the toolchain that is asked for by itself."""

PROGRESS_SECONDS = 30.0


async def build(module: str, target: Path, say: Say, timeout: float = 3600) -> str | None:
    """Build `module@version` and keep the program as `target`; None, or why it could not be.

    Two processes that need the same program build it once: the second waits for the first.
    """
    go = on_path("go") or _usual_place()
    if go is None:
        return "build: no `go` command on PATH"
    environment = _environment()
    code, version = await output_of(
        [go, "env", "GOVERSION"], env={**environment, "GOTOOLCHAIN": "local"}
    )
    numbers = re.search(r"go(\d+)\.(\d+)", version)
    if code or numbers is None:
        return f"build: `{go} env GOVERSION` ended with {code}: {version.strip()[-200:]}"
    if (int(numbers[1]), int(numbers[2])) < OLDEST:
        return f"build: {go} is {version.strip()}; 1.21 or newer is needed"
    lock = target.parent / "build.lock"
    say(f"building {module} (some minutes, once; kept in {target.parent})")
    async with locked(lock):
        if os.path.exists(target):  # noqa: ASYNC240  another process built it while we waited
            return None
        with tempfile.TemporaryDirectory(dir=target.parent) as bench:
            reason = await _install(go, module, Path(bench), environment, say, timeout)
            if reason is not None:
                return reason
            os.replace(_made(Path(bench)), target)
    return None


def _made(bench: Path) -> Path:
    # In a folder of its own when the program is built for another machine.
    return next(path for path in bench.rglob("*") if path.is_file())


def _usual_place() -> Path | None:
    place = shutil.which("go", path="/usr/local/go/bin:/usr/lib/go/bin:/usr/lib/go-1.21/bin")
    return Path(place) if place else None


def _environment() -> dict[str, str]:
    # Go needs a home for its caches; the server's SQLite is pure Go, so no C compiler is needed.
    return {
        "HOME": os.environ.get("HOME") or str(Path.home()),
        "CGO_ENABLED": "0",
        "GOFLAGS": "-trimpath",
        "GOTOOLCHAIN": TOOLCHAIN,
        "GOWORK": "off",
    }


async def _install(
    go: Path, module: str, bench: Path, environment: dict[str, str], say: Say, timeout: float
) -> str | None:
    started = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        str(go),
        "install",
        "-v",
        module,
        cwd=bench,  # away from any go.mod of the caller's folder
        env={**os.environ, **environment, "GOBIN": str(bench)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    fetched = compiled = 0
    last_lines: list[str] = []

    async def read() -> None:
        nonlocal fetched, compiled
        assert process.stderr is not None
        async for raw in process.stderr:
            line = raw.decode(errors="replace").strip()
            if line.startswith("go: downloading"):
                fetched += 1
            else:
                compiled += 1
                last_lines[:] = [*last_lines, line][-5:]
        await process.wait()

    reading = asyncio.create_task(read())
    try:
        async with asyncio.timeout(timeout):
            while not reading.done():
                await asyncio.wait({reading}, timeout=PROGRESS_SECONDS)
                took = time.monotonic() - started
                if not reading.done():
                    say(f"  {took:4.0f} s: {fetched} modules fetched, {compiled} packages compiled")
    except TimeoutError:
        return f"build: `go install {module}` took longer than {timeout:g} s"
    finally:
        if process.returncode is None:
            os.killpg(process.pid, 9)
            await process.wait()
        reading.cancel()
    if process.returncode != 0:
        return f"build: `go install {module}` failed: {' | '.join(last_lines)}"
    say(f"built {module} in {time.monotonic() - started:.0f} s")
    return None
