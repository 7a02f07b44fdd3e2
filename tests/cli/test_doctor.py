"""What `chimera doctor` says of policies, clocks and the store's file."""

from __future__ import annotations

import stat
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from chimera.cli.doctor.check import Result
from chimera.cli.doctor.clock import clock
from chimera.cli.doctor.policies import policies
from chimera.cli.doctor.stands_on import store as store_check
from chimera.platform.settings import Settings
from chimera.platform.store import Store


@asynccontextmanager
async def prometheus(ahead: float) -> AsyncIterator[str]:
    """Tells the time as Prometheus does, some seconds ahead of ours."""

    async def query(_: web.Request) -> web.Response:
        value = [time.time(), str(time.time() + ahead)]
        return web.json_response({"data": {"resultType": "scalar", "result": value}})

    app = web.Application()
    app.router.add_get("/api/v1/query", query)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("ahead", "state", "says"),
    [
        (0.4, "ok", "within 3 s"),
        (12.0, "misconfigured", "is 12 s behind Prometheus': detection is late"),
        (-40.0, "misconfigured", "is 40 s ahead of Prometheus': the newest seconds look empty"),
    ],
)
async def test_a_clock_that_goes_wrong_is_told_with_its_way(
    ahead: float, state: str, says: str
) -> None:
    async with prometheus(ahead) as url:
        (found,) = await clock.run(Settings.model_validate({"prometheus": {"url": url}}))
    assert found.state == state
    assert says in found.why


async def examined(**policy: Any) -> dict[str, Result]:
    settings = Settings.model_validate({"environment": "production", "policy": policy})
    return {found.name: found for found in await policies.run(settings)}


async def test_the_levels_are_told_as_they_resolve() -> None:
    trust = {
        "production": {"*": "observe", "restart_service": "ask"},
        "*": {"scale_service": "act"},
    }
    found = await examined(trust=trust)
    assert found["policies"].state == "ok"
    told = found["trust in production"].why
    assert told.startswith("ask restart_service; observe clean_disk, ")
    # An environment's own "*" comes before what any other says.
    assert "scale_service" in told.partition("observe")[2]
    assert found["trust in any other"].why.startswith("act scale_service; observe ")
    assert (await examined())["trust in production"].why == "observe every runbook"


async def test_policies_that_cannot_decide_and_names_that_nobody_has_are_told(
    tmp_path: Path,
) -> None:
    misspelt = await examined(trust={"production": {"restart_servce": "ask"}})
    assert misspelt["policies"].state == "misconfigured"
    assert "'restart_service' is near" in misspelt["policies"].why
    (tmp_path / "own.cedar").write_text(
        '@id("own") forbid (principal, action, resource) when { context.weekday };'
    )
    broken = await examined(directory=tmp_path)
    assert broken["policies"].state == "misconfigured"
    assert "`weekday`" in broken["policies"].why
    shared = await examined(trust={"staging": {"*": "act"}})
    assert shared["policies"].state == "missing"  # told, and no error: files are shared
    assert "policy.trust.staging is for 'staging'" in shared["policies"].why


async def test_a_new_store_is_its_owners_alone_and_one_that_is_open_is_told(tmp_path: Path) -> None:
    file = tmp_path / "new" / "chimera.db"
    settings = Settings.model_validate({"store": {"url": f"sqlite+aiosqlite:///{file}"}})
    store = await Store.open(settings.store.url)
    await store.put("scope", "key", "value")
    made = {each.name: stat.S_IMODE(each.stat().st_mode) for each in file.parent.iterdir()}
    assert {"chimera.db", "chimera.db-wal", "chimera.db-shm"} <= set(made)
    assert set(made.values()) == {0o600}
    assert [r.state for r in await store_check.run(settings)] == ["ok"]
    file.chmod(0o644)
    (told,) = await store_check.run(settings)
    await store.close()
    assert told.state == "misconfigured"
    assert "mode 644" in told.why
    assert "chmod 600" in told.remedy
