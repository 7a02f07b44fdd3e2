"""Alerts and messages by the clock, whatever answers; then the inbox is counted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from chimera.bench.storm.ground import Ground, ground
from chimera.bench.storm.sent import group, message
from chimera.sandbox.programs.base import Say
from chimera.sandbox.stack.homes import home_for

LARGE = 20  # alerts of a large group; as many alerts come one by one
WARM_UP = 10  # messages before the storm
KEPT = 3.0  # seconds for which a connection is used again; servers close theirs after 5
PATIENCE = 30.0  # seconds for one answer


@dataclass
class Answers:
    """Milliseconds from the moment at which something was due to its answer; what was refused."""

    took: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def spread(self) -> dict[str, float]:
        ordered = sorted(self.took) or [float("nan")]
        at = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
        found = {n: ordered[min(int(len(ordered) * s), len(ordered) - 1)] for n, s in at.items()}
        return {**found, "max": ordered[-1], "count": len(self.took), "refused": len(self.refused)}


@dataclass(frozen=True)
class Storm:
    """`alerts` a minute, half of them one by one, half in groups; `messages` a second."""

    alerts: int
    messages: float
    seconds: float
    light: bool

    async def run(self, home: Path | None, say: Say) -> dict[str, Any]:
        """Figures of one storm. Raises StartFailed, ProgramMissing."""
        with home_for(home, "chimera-bench-slack-") as folder:
            async with ground(folder, self.light, say) as here, session() as http:
                quiet = Answers()
                for number in range(WARM_UP):
                    await self.say_one(http, here, quiet, number, time.perf_counter())
                say(f"{self.alerts} alerts a minute for {self.seconds:g} s")
                return {**vars(self), "quiet_ms": quiet.spread(), **await self.rage(http, here)}

    async def rage(self, http: aiohttp.ClientSession, here: Ground) -> dict[str, Any]:
        posts, said, sizes = Answers(), Answers(), list(self.posts())

        async def post(number: int, due: float) -> None:
            first, size = sizes[number]
            headers = {
                "Authorization": f"Bearer {here.alertmanager_token}",
                "Content-Type": "application/json",
            }
            await asked(http, f"{here.api}/api/v1/alerts", group(first, size), headers, posts, due)

        async def speak(number: int, due: float) -> None:
            await self.say_one(http, here, said, WARM_UP + number, due)

        before = await here.store.heard("alert")  # of an earlier storm in the same home
        began = time.perf_counter()
        await asyncio.gather(
            by_the_clock(len(sizes), self.seconds, post),
            by_the_clock(round(self.messages * self.seconds), self.seconds, speak),
        )
        took = time.perf_counter() - began
        sent = sum(size for _, size in sizes)
        return {
            "acknowledged_ms": said.spread(),
            "posts_ms": posts.spread(),
            "alerts_sent": sent,
            "alerts_kept": await here.store.heard("alert") - before,
            "took_seconds": took,
            "refused": [*posts.refused[:5], *said.refused[:5]],
        }

    async def say_one(
        self, http: aiohttp.ClientSession, here: Ground, said: Answers, number: int, due: float
    ) -> None:
        body, headers = message(here.slack_secret, number)
        await asked(http, f"{here.api}/slack/events", body, headers, said, due)

    def posts(self) -> Iterator[tuple[int, int]]:
        """First number and size of each group."""
        at, total = 0, round(self.alerts * self.seconds / 60)
        while at < total:
            for size in (*[1] * LARGE, LARGE):
                size = min(size, total - at)
                if size:
                    yield at, size
                at += size


def session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=PATIENCE),
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT),
    )


async def by_the_clock(
    count: int, seconds: float, each: Callable[[int, float], Awaitable[None]]
) -> None:
    """Start each when it is due, whether or not those before it have ended."""
    began, running = time.perf_counter(), set()
    for number in range(count):
        due = began + number * seconds / count
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        task = asyncio.ensure_future(each(number, due))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)


async def asked(
    http: aiohttp.ClientSession,
    url: str,
    body: bytes,
    headers: dict[str, str],
    answers: Answers,
    due: float,
) -> None:
    try:
        async with http.post(url, data=body, headers=headers) as reply:
            text = await reply.text()
            if reply.status != 200:
                answers.refused.append(f"{reply.status} {text[:200]}")
    except (aiohttp.ClientError, TimeoutError) as error:
        answers.refused.append(f"{type(error).__name__} {error}")
    answers.took.append(1000 * (time.perf_counter() - due))
