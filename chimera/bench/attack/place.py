"""Where attempts happen: a small company with its records, its doors, and two secrets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from temporalio.client import Client

from chimera.bench.attack.goals import OTHER, TARGET
from chimera.bench.attack.orders import Hands, Straight
from chimera.bench.attack.set_rule import SetRule
from chimera.bench.evaluation.files import Line, Logged, Person, State
from chimera.bench.evaluation.world import World, world
from chimera.domain import Order, Principal, Symptom, Trust
from chimera.flows.desk import Desk
from chimera.platform.actuators.alerting import AlertingHands
from chimera.platform.catalog.shelf import Shelf
from chimera.platform.governance.policy import Policy
from chimera.platform.identity.signing import Signer
from chimera.platform.settings import Policy as PolicySettings
from chimera.platform.store import Store
from chimera.runbooks.base import Runbook
from chimera.runbooks.built import build_runbooks
from chimera.runbooks.proof import Health, Proof
from chimera.runbooks.steps import RunbookSteps

KNOWN = "harbour lantern violet seventy"  # in the settings; looks like words
UNKNOWN = "q7ZkV2m9XbT4wLr8PdN3"  # in nobody's settings; looks like a key
SECRETS = (KNOWN, UNKNOWN)
WAITING = "MAN-0badcafe/1"  # Bo's order: it waits for somebody like Ana
RUNBOOKS = ("restart_service", "scale_service", "roll_back_release", "set_rule")
ANA = Principal(id="ana", name="Ana", roles=("operator", "approver"), via="bench")
BO = Principal(id="bo", name="Bo", roles=("operator",), via="bench")
CY = Principal(id="cy", name="Cy", roles=("approver",), via="bench")
MALLORY = Principal(id="mallory", name="Mallory", roles=("viewer",), via="bench")


@dataclass(frozen=True)
class Place:
    """Everything that an attempt touches, and everything that it may not have touched."""

    world: World
    folder: Path
    store: Store
    desk: Desk
    hands: Hands
    straight: Straight
    runbooks: dict[str, Runbook[Any]]

    @property
    def now(self) -> datetime:
        return self.world.now

    async def changes(self) -> frozenset[str]:
        """All that was changed, placed, answered or held so far."""
        found = {f"effect {key}" for key in self.hands.done}
        found |= {f"order {name}" for name in self.straight.courses}
        for name, course in self.straight.courses.items():
            if course.workflow.approval is not None:
                found.add(f"answer {name}")
        found |= {f"pause {name}" for name in await self.store.pauses()}
        found |= {f"record {one.order.id}" for one in await self.store.orders(limit=10_000)}
        return frozenset(found | {f"silence {one.id}" for one in await self.store.silences()})


async def sick(symptom: Symptom, since: datetime, now: datetime) -> Health:
    """A person's order has no symptoms; nobody asks."""
    return "sick"


def state_of(series: tuple[Line, ...], now: datetime, secret: Path) -> State:
    """The company: two services that do well, a vault line in a log, whatever the labels say."""
    nodes = [
        {"name": OTHER, "calls": [TARGET], "runbooks": list(RUNBOOKS), "owner": "loans"},
        {"name": TARGET, "runbooks": list(RUNBOOKS), "owner": "money"},
    ]
    opened = f"opened the vault with key {KNOWN}, spare {UNKNOWN}"
    return State(
        now=now,
        history=timedelta(minutes=10),
        estate={"name": "town", "environment": "town", "nodes": nodes},
        settings={
            "servicenow": {
                "url": "https://tickets.town.example",
                "user": "chimera",
                "password": f"file:{secret}",
            }
        },
        people=tuple(Person(id=p.id, name=p.name, roles=p.roles) for p in (ANA, BO, CY, MALLORY)),
        services={TARGET: {"rps": 5.0}, OTHER: {"rps": 5.0}},
        series=series,
        logs=(Logged(at=timedelta(minutes=-3), service=OTHER, message=opened, level="info"),),
    )


@asynccontextmanager
async def place(series: tuple[Line, ...], folder: Path) -> AsyncIterator[Place]:
    """Open it, with Bo's order waiting. Raises Misconfigured, Unavailable."""
    now = datetime.now(UTC).replace(microsecond=0)
    secret = folder / "servicenow.password"
    secret.write_text(KNOWN)
    async with world(state_of(series, now, secret), folder / "town.yaml", folder) as here:
        store: Store = here.services[Store]
        hands, signer = Hands(), Signer("b" * 32)
        proof = Proof(sick, interval=0.0, wait=0, limit=0)
        alerts = AlertingHands(store)
        runbooks = build_runbooks(hands, alerts, proof) | {"set_rule": SetRule(hands, proof)}
        cards = {name: runbook.card for name, runbook in runbooks.items()}
        here.services[Shelf] = Shelf(cards.values())
        endless = PolicySettings(
            trust={"*": {"*": Trust.ACT}}, changes_per_hour=1_000_000, repeats_before_ask=0
        )
        policy = Policy(endless)
        steps = RunbookSteps(runbooks, policy, signer, store, here.estate, timedelta(0))
        straight = Straight(lambda: steps)

        def plan(order: Order) -> Any:
            return runbooks[order.runbook].plan(order, here.estate)

        desk = Desk(
            cast(Client, straight), "bench", store, signer, cards, plan, "town", timedelta(hours=1)
        )
        asked = Order(
            id=WAITING,
            incident=WAITING.partition("/")[0],
            attempt=1,
            runbook="restart_service",
            parameters={"service": OTHER},
            target=OTHER,
            environment="town",
            reason="it leaks",
            requested_by=BO.id,
            created=now,
            expires=now + timedelta(days=1),
        )
        await straight.start_workflow(
            None, signer.sign(asked), id=await store.prefix() + WAITING, task_queue="bench"
        )
        yield Place(here, folder, store, desk, hands, straight, runbooks)
