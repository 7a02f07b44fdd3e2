"""A company in memory: one actuator, one channel, one set of symptoms. The only fakes of the flows."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from temporalio.client import Client
from temporalio.worker import Worker

from chimera.domain import (
    Actuator,
    Diagnosis,
    Effect,
    Estate,
    Evidence,
    FaultKind,
    Finding,
    Incident,
    Node,
    Notice,
    Order,
    Severity,
    SignalKind,
    Symptom,
    TargetState,
    Trust,
)
from chimera.flows.desk import Desk
from chimera.flows.incident import IncidentWorkflow
from chimera.flows.incident_state import IncidentState
from chimera.flows.incident_steps import IncidentSteps
from chimera.flows.pace import Pace
from chimera.platform.actuators.alerting import AlertingHands
from chimera.platform.governance.policy import Policy
from chimera.platform.identity.signing import Signer
from chimera.platform.orchestration.tell import Telling, TellWorkflow
from chimera.platform.settings import Policy as PolicySettings
from chimera.platform.store import Store
from chimera.runbooks.built import build_runbooks
from chimera.runbooks.proof import Health, Proof
from chimera.runbooks.steps import RunbookSteps
from chimera.runbooks.workflow import RunbookWorkflow

EVERY = ("restart_service", "roll_back_release", "revert_configuration", "restore_credential")
SHOP = Estate(
    name="shop",
    environment="shop",
    nodes=(
        Node(name="web", tier=1, calls=("pay",), runbooks=EVERY),
        Node(name="pay", tier=2, runbooks=EVERY),
    ),
)
PACE = Pace(interval=0.2, settle=1, quiet=2, attempts=3)
SIGNER = Signer("k" * 32)


class Hands(Actuator):
    """Keeps the contract of an actuator: the same key twice is one effect, a fence holds."""

    def __init__(self) -> None:
        self.done: dict[str, Effect] = {}
        self.calls: list[str] = []
        self.fenced: set[str] = set()
        self.release, self.previous = "2.0", "1.0"
        self.broken: set[str] = set()  # verbs that fail

    async def state(self, target: str) -> TargetState:
        return TargetState(
            name=target,
            release=self.release,
            previous_release=self.previous,
            configuration={"limit": "5"},
            previous_configuration={"limit": "50"},
        )

    async def perform(self, effect: Effect) -> dict[str, str]:
        if effect.key == effect.order_id and effect.order_id in self.fenced:
            return {"fenced": "true"}
        if effect.key not in self.done:
            if effect.verb in self.broken:
                raise RuntimeError(f"{effect.verb} does not work")
            self.done[effect.key] = effect
            self.calls.append(effect.verb)
            if effect.verb == "set_release":
                self.release, self.previous = effect.arguments["release"], self.release
        return {}

    async def fence(self, order_id: str) -> None:
        self.fenced.add(order_id)

    async def effects(self, order_id: str) -> dict[str, dict[str, str]]:
        return {key: {} for key, e in self.done.items() if e.order_id == order_id}


class Inbox:
    """A channel that keeps what it got."""

    name: ClassVar[str] = "inbox"

    def __init__(self) -> None:
        self.notices: list[Notice] = []

    async def send(self, notice: Notice) -> str | None:
        if notice.id not in [n.id for n in self.notices]:
            self.notices.append(notice)
        return None

    def kinds(self) -> list[str]:
        return [n.kind for n in sorted(self.notices, key=lambda n: n.at)]


@dataclass
class Company:
    """Everything a test pokes at."""

    client: Client
    queue: str
    store: Store
    hands: Hands
    inbox: Inbox
    steps: RunbookSteps
    desk: Desk
    health: Callable[[Symptom], Health] = lambda _: "healthy"
    held: Callable[[], bool] = lambda: False  # whoever asks how a symptom is must wait
    diagnoses: list[Diagnosis] = field(default_factory=list)

    def workflow_id(self) -> str:
        return f"INC-{uuid.uuid4().hex[:8]}"

    async def run(self, order: Order) -> Any:
        """Start an order's workflow; returns its handle."""
        return await self.client.start_workflow(
            RunbookWorkflow.run,
            order,
            id=await self.store.prefix() + order.id,
            task_queue=self.queue,
        )

    async def live(self, incident: Incident) -> Any:
        await self.store.save_incident(incident)
        return await self.client.start_workflow(
            IncidentWorkflow.run,
            IncidentState(incident=incident, pace=PACE),
            id=await self.store.prefix() + incident.id,
            task_queue=self.queue,
        )


@asynccontextmanager
async def company(
    client: Client, folder: Path, trust: Trust = Trust.ACT, **limits: Any
) -> AsyncIterator[Company]:
    """A worker with everything that runs incidents and orders, on a queue of its own."""
    queue = uuid.uuid4().hex
    store = await Store.open(f"sqlite+aiosqlite:///{folder / 'chimera.db'}")
    hands, inbox = Hands(), Inbox()
    policy = Policy(PolicySettings(trust={"shop": {"*": trust}}, **limits))

    async def check(symptom: Symptom, since: datetime, now: datetime) -> Health:
        await until(lambda: not here.held())
        return here.health(symptom)

    async def investigate(incident: Incident, tried: tuple[tuple[str, str], ...]) -> Diagnosis:
        left = [f for d in here.diagnoses for f in d.findings if (f.runbook, f.target) not in tried]
        summary = left[0].cause or "" if left else "Not enough evidence."
        return Diagnosis(findings=tuple(left), summary=summary)

    proof = Proof(check, interval=0.2, wait=1, limit=4)
    runbooks = build_runbooks(hands, AlertingHands(store), proof)
    steps = RunbookSteps(runbooks, policy, SIGNER, store, SHOP, timedelta(0))
    incidents = IncidentSteps(investigate, store, SIGNER, timedelta(hours=1))
    telling = Telling({"inbox": inbox}, store)
    desk = Desk(
        client,
        queue,
        store,
        SIGNER,
        {name: runbook.card for name, runbook in runbooks.items()},
        lambda order: runbooks[order.runbook].plan(order, SHOP),
        "shop",
        timedelta(hours=1),
    )
    here = Company(client, queue, store, hands, inbox, steps, desk)
    worker = Worker(
        client,
        task_queue=queue,
        workflows=[RunbookWorkflow, IncidentWorkflow, TellWorkflow],
        activities=[
            *steps.activities(),
            *incidents.activities(),
            telling.channels,
            telling.send,
        ],
    )
    async with worker:
        yield here
    await store.close()


def symptom(**changes: Any) -> Symptom:
    fields: dict[str, Any] = {
        "signal": "errors",
        "kind": SignalKind.ERRORS,
        "service": "web",
        "query": "errors",
        "low": 0.0,
        "high": 0.1,
        "observed": 0.7,
        "began": datetime.now(UTC),
    }
    return Symptom.model_validate({**fields, **changes})


def order(signed: bool = True, **changes: Any) -> Order:
    now = datetime.now(UTC)
    name = changes.pop("incident", f"INC-{uuid.uuid4().hex[:8]}")
    attempt = changes.pop("attempt", 1)
    fields: dict[str, Any] = {
        "id": f"{name}/{attempt}",
        "incident": name,
        "attempt": attempt,
        "runbook": "roll_back_release",
        "parameters": {"service": "pay", "release": "2.0"},
        "target": "pay",
        "environment": "shop",
        "reason": "release 2.0 of pay",
        "requested_by": "chimera",
        "symptoms": (symptom(),),
        "created": now,
        "expires": now + timedelta(hours=1),
        **changes,
    }
    made = Order.model_validate(fields)
    return SIGNER.sign(made) if signed else made


def incident(**changes: Any) -> Incident:
    now = datetime.now(UTC)
    fields: dict[str, Any] = {
        "id": f"INC-{uuid.uuid4().hex[:8]}",
        "environment": "shop",
        "title": "web: errors",
        "service": "web",
        "services": ("web",),
        "severity": Severity.PAGE,
        "began": now,
        "opened": now,
        "symptoms": (symptom(),),
        **changes,
    }
    return Incident.model_validate(fields)


def finding(runbook: str | None = "roll_back_release", **changes: Any) -> Finding:
    seen = Evidence(id="e1", tool="compare", claim="pay errs since 2.0", query="errors")
    parameters = {
        "roll_back_release": {"service": "pay", "release": "2.0"},
        "revert_configuration": {"service": "pay", "key": "limit", "value": "5"},
        "restart_service": {"service": "pay"},
        "restore_credential": {"service": "pay"},
    }
    fields: dict[str, Any] = {
        "cause": f"pay wants {runbook}",
        "target": "pay",
        "kind": FaultKind.RELEASE,
        "confidence": 0.9,
        "evidence": (seen,),
        "runbook": runbook,
        "parameters": parameters.get(runbook or "", {}),
        **changes,
    }
    return Finding.model_validate(fields)


async def until(condition: Callable[[], Any], seconds: float = 60.0) -> None:
    """Wait for a condition, with a deadline."""
    end = asyncio.get_running_loop().time() + seconds
    while True:
        answer = condition()
        if asyncio.iscoroutine(answer):
            answer = await answer
        if answer:
            return
        if asyncio.get_running_loop().time() > end:
            raise TimeoutError("it did not happen in time")
        await asyncio.sleep(0.05)


async def plan_of(shop: Company, order_id: str) -> str:
    """The hash of the plan that is on record."""
    plan = (await shop.store.order(order_id)).plan
    assert plan
    return plan.hash
