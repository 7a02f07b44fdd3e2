"""Slack and Teams both connected: an incident has a thread in each."""

from __future__ import annotations

import asyncio
from pathlib import Path

from chimera.bots.offered import channels
from chimera.domain import Incident, Notice
from chimera.platform.orchestration.tell import Telling, Told
from chimera.platform.store import Store
from tests.clock import just_now
from tests.standins.serving import standins


async def test_each_chat_keeps_its_own_thread(tmp_path: Path) -> None:
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}")
    incident = Incident(
        id="INC-1", title="slow", service="fees", began=just_now(), opened=just_now()
    )
    await store.save_incident(incident)
    opened = Notice(
        id="INC-1/1", incident="INC-1", kind="opened", title="slow", text="p99", at=just_now()
    )
    async with standins(tmp_path) as served:
        telling = Telling(channels(served.settings(), store), store)
        told = [Told(channel=name, notice=opened) for name in ("slack", "teams", "servicenow")]
        await asyncio.gather(*(telling.send(one) for one in told))
        kept = await store.incident("INC-1")
        assert sorted(kept.threads) == ["slack", "teams"]
        assert "/slack#" in kept.threads["slack"]
        assert "/teams/l/message/" in kept.threads["teams"]
        assert kept.ticket
    await store.close()
