"""Record workflow histories for the replay tests: `python -m tests.flows.record`.

Run it when a workflow is changed on purpose, and keep the old files for as long as workflows that
began under them may still run.
"""

from __future__ import annotations

import asyncio
import gzip
import tempfile
import uuid
from pathlib import Path

from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter

from chimera.domain import Diagnosis, Phase, Trust
from chimera.platform.store import OrderRecord
from chimera.sandbox.stack.temporal import ensure_namespace
from tests.flows.company import company, finding, incident, order, plan_of, until
from tests.flows.test_incidents import news
from tests.flows.test_orders import ANA, BOB, Sick
from tests.temporal_server import shared_server

HISTORIES = Path(__file__).parent / "histories"


async def keep(handle: WorkflowHandle, name: str) -> None:
    HISTORIES.mkdir(exist_ok=True)
    text = (await handle.fetch_history()).to_json()
    (HISTORIES / f"{name}.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


async def record(client: Client, folder: Path) -> None:
    async with company(client, folder) as shop:
        shop.health = Sick(shop.hands, "set_release")  # type: ignore[assignment]
        await (applied := await shop.run(order())).result()
        await keep(applied, "order-applied")
        shop.health = lambda _: "sick"
        await (
            undone := await shop.run(order(parameters={"service": "pay", "release": "1.0"}))
        ).result()
        await keep(undone, "order-rolled-back")
        shop.health = Sick(shop.hands, "set_configuration")  # type: ignore[assignment]
        shop.diagnoses = [Diagnosis(findings=(finding("revert_configuration"),), summary="limit")]
        trouble = incident()
        handle = await shop.live(trouble)
        await until(lambda: "set_configuration" in shop.hands.calls)
        await news(handle, trouble, quiet=True)
        await handle.result()
        await keep(handle, "incident-repaired")
        shop.diagnoses = [Diagnosis(findings=(finding(None),), summary="the bank is down")]
        trouble = incident()
        handle = await shop.live(trouble)
        await until(lambda: "page" in shop.inbox.kinds())
        await shop.desk.resolve(trouble.id, BOB, "the bank is back")
        await handle.result()
        await keep(handle, "incident-handed-over")
        shop.health = lambda _: "sick"
        shop.diagnoses = []
        trouble = incident(phase=Phase.REPAIRING)
        begun = order(incident=trouble.id, parameters={"service": "pay", "release": "1.0"})
        await shop.store.save_order(OrderRecord(order=begun))
        await (await shop.run(begun)).result()
        handle = await shop.live(trouble)
        await until(lambda: f"{begun.id}-outcome" in [n.id for n in shop.inbox.notices])
        await news(handle, trouble, quiet=True)
        await handle.result()
        await keep(handle, "incident-started-again")
    second = folder / "asking"
    second.mkdir()
    async with company(client, second, trust=Trust.ASK) as shop:
        shop.health = Sick(shop.hands, "set_release")  # type: ignore[assignment]
        asked = order()
        handle = await shop.run(asked)
        await until(lambda: "approval" in shop.inbox.kinds())
        await shop.desk.answer(asked.id, await plan_of(shop, asked.id), True, "go", ANA)
        await handle.result()
        await keep(handle, "order-approved")


async def main(address: str, folder: Path) -> None:
    name = f"record-{uuid.uuid4().hex[:8]}"
    await ensure_namespace(await Client.connect(address), name)
    client = await Client.connect(address, namespace=name, data_converter=pydantic_data_converter)
    await record(client, folder)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as where, shared_server(Path(where) / "temporal") as server:
        asyncio.run(main(server, Path(where)))
