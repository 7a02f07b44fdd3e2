"""Prepare every program beforehand: `python -m chimera.sandbox.programs`."""

from __future__ import annotations

import asyncio
import sys
import time

from chimera.sandbox.programs import ProgramMissing, postgres, prometheus, temporal


async def prepare() -> None:
    """Find or make all of them, and say how each was come by."""
    started = time.monotonic()

    def say(line: str) -> None:
        print(f"  {time.monotonic() - started:5.1f} s  {line}", flush=True)

    found = {
        "Prometheus": prometheus.find(prometheus.PROMETHEUS, say),
        "Alertmanager": prometheus.find(prometheus.ALERTMANAGER, say),
        "Postgres": postgres.find(say),
        "Temporal": temporal.find(say),
    }
    for name, finding in found.items():
        program = await finding
        say(f"{name} {program.version} ({program.how})")


if __name__ == "__main__":
    try:
        asyncio.run(prepare())
    except ProgramMissing as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
