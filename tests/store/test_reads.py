"""On SQLite a look waits for nobody who writes."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from chimera.platform.store import Store

PATIENCE = 10.0  # seconds; a look that waits for the writer takes thirty


async def test_a_look_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}")
    writer = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    try:
        await store.pause("practice", "to look", "ana")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM pauses")
        async with asyncio.timeout(PATIENCE):
            assert set(await store.pauses()) == {"practice"}
        writer.execute("COMMIT")
        assert not await store.pauses()
    finally:
        writer.close()
        await store.close()
