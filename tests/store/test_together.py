"""Writes that come at the same time are made together; each has its own answer."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chimera.domain import Alert
from chimera.platform.store import Store
from chimera.platform.store.together import Together

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)


class Writer:
    """Writes numbers, and refuses a transaction with a negative one."""

    def __init__(self) -> None:
        self.free = asyncio.Event()
        self.transactions: list[list[int]] = []

    async def write(self, asked: list[int]) -> list[int]:
        await self.free.wait()
        self.transactions.append(asked)
        if min(asked) < 0:
            raise ValueError(f"{min(asked)} is negative")
        return [10 * one for one in asked]


async def test_what_comes_during_a_write_is_the_next_one_together() -> None:
    writer = Writer()
    together = Together(writer.write)
    waiting = [asyncio.create_task(together.put(one)) for one in (1, 2, 3)]
    await asyncio.sleep(0)
    writer.free.set()
    assert await asyncio.gather(*waiting) == [10, 20, 30]
    assert await together.put(4) == 40
    assert sorted(len(one) for one in writer.transactions) in ([1, 1, 2], [1, 3])


async def test_one_that_cannot_be_written_fails_alone() -> None:
    writer = Writer()
    together = Together(writer.write)
    waiting = [asyncio.create_task(together.put(one)) for one in (1, -2, 3)]
    await asyncio.sleep(0)
    writer.free.set()
    done = await asyncio.gather(*waiting, return_exceptions=True)
    assert (done[0], done[2]) == (10, 30)
    assert isinstance(done[1], ValueError)


async def test_whoever_gives_up_holds_up_nobody() -> None:
    writer = Writer()
    together = Together(writer.write)
    gone, stays = (asyncio.create_task(together.put(one)) for one in (1, 2))
    await asyncio.sleep(0)
    gone.cancel()
    writer.free.set()
    assert await stays == 20
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_a_hundred_posts_at_once_keep_each_alert_once_and_tell_each_post_its_news(
    tmp_path: Path,
) -> None:
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}")
    try:
        posts = [
            [Alert(fingerprint=f"{n}", name="a", service="s", began=NOW) for n in (post, post + 1)]
            for post in range(100)
        ]
        news = await asyncio.gather(*(store.put_alerts(post) for post in posts))
        assert sum(news) == await store.heard("alert") == 101
        assert all(0 <= one <= 2 for one in news)
    finally:
        await store.close()
