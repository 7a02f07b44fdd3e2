"""Whether this machine and Prometheus agree on what time it is: everything is judged by its samples."""

from __future__ import annotations

import time

import httpx

from chimera.cli.doctor.check import Check, Result, bad, missing, ok
from chimera.cli.doctor.stands_on import ask, prometheus_client
from chimera.domain import ChimeraError
from chimera.platform.settings import Settings

APART = 3.0  # seconds; a scrape interval is often 5


async def look_at_clock(settings: Settings) -> Result:
    try:
        before, theirs, after = await both(settings)
    except (httpx.HTTPError, ChimeraError):
        return missing("clock", "Prometheus does not tell the time: see there")
    ahead = (before + after) / 2 - theirs
    # The answer was given at some moment between the two.
    if abs(ahead) <= APART + (after - before) / 2:
        return ok("clock", f"within {APART:g} s of Prometheus'")
    if ahead > 0:
        breaks = "the newest seconds look empty: signals go blind and repairs stay unverified"
    else:
        breaks = "detection is late by as much, and a repair is judged by samples from before it"
    way = "ahead of" if ahead > 0 else "behind"
    return bad(
        "clock", f"this machine's clock is {abs(ahead):.0f} s {way} Prometheus': {breaks}",
        "let both follow the same time server (`timedatectl`, `chronyc tracking`)",
    )  # fmt: skip


async def both(settings: Settings) -> tuple[float, float, float]:
    """Our clock, Prometheus', ours again."""
    async with prometheus_client(settings) as client:
        await ask(client, "/api/v1/query", query="time()")  # what connecting takes is not counted
        before = time.time()
        answer = await ask(client, "/api/v1/query", query="time()")
        return before, float(answer["result"][1]), time.time()


clock = Check("clock", look_at_clock, 22)
