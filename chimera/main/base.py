"""What worker and API both stand on: settings, store, Temporal, Prometheus, runbooks."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from temporalio.client import Client

    from chimera.domain import Actuator, Estate
    from chimera.platform.identity.signing import Signer
    from chimera.platform.observability import Window
    from chimera.platform.settings import Settings
    from chimera.platform.store import Store
    from chimera.runbooks.base import Runbook


@dataclass(frozen=True)
class Base:
    """What worker and API both stand on."""

    settings: Settings
    store: Store
    client: Client
    signer: Signer
    estate: Estate
    window: Window
    actuator: Actuator
    runbooks: dict[str, Runbook[Any]]

    @property
    def order_life(self) -> timedelta:
        return timedelta(hours=1, minutes=self.settings.policy.approval_minutes)


@asynccontextmanager
async def base(settings: Settings, component: str) -> AsyncIterator[Base]:
    """Open what both processes need; close it at the end."""
    from temporalio.contrib.opentelemetry import TracingInterceptor

    from chimera.domain import Estate, Misconfigured
    from chimera.platform.actuators.alerting import AlertingHands
    from chimera.platform.actuators.chosen import actuator_for
    from chimera.platform.catalog.estate import load_estate
    from chimera.platform.identity.signing import Signer
    from chimera.platform.observability import Prometheus, Symptoms, Window
    from chimera.platform.orchestration.temporal import connect
    from chimera.platform.store import Store
    from chimera.platform.telemetry.logs import configure_logs
    from chimera.platform.telemetry.traces import configure_traces
    from chimera.runbooks.built import build_runbooks
    from chimera.runbooks.proof import Proof

    configure_logs(settings.telemetry, component)
    traces = configure_traces(settings.telemetry, component)
    if settings.identity.signing_key is None:
        raise Misconfigured(
            "identity.signing_key is missing; make one with `openssl rand -hex 32 > signing.key` "
            'and set it to "file:signing.key"'
        )
    estate = Estate(environment=settings.environment)
    if settings.estate.file:
        estate = load_estate(settings.estate.file)
    step = timedelta(seconds=settings.prometheus.scrape_interval)
    token = settings.prometheus.token
    prometheus = Prometheus(
        settings.prometheus.url,
        public_url=settings.prometheus.public_url,
        headers={"Authorization": f"Bearer {token.reveal()}"} if token else None,
        timeout=settings.prometheus.timeout,
    )
    window = Window(
        prometheus,
        settings.watch,
        step=step,
        history=timedelta(seconds=settings.prometheus.history),
    )
    proof = Proof(
        Symptoms(window).check,
        step.total_seconds(),
        settings.loop.verify_wait,
        settings.loop.verify_for,
    )
    actuator = actuator_for(settings)
    store = await Store.open(settings.store.url)
    signer = Signer(settings.identity.signing_key.reveal())
    store.seal_audit(signer.seal)
    try:
        yield Base(
            settings=settings,
            store=store,
            client=await connect(settings.temporal, [TracingInterceptor()]),
            signer=signer,
            estate=estate,
            window=window,
            actuator=actuator,
            runbooks=build_runbooks(actuator, AlertingHands(store), proof),
        )
    finally:
        await store.close()
        traces.shutdown()


def services_of(here: Base) -> dict[type, Any]:
    """What tools stand on, by type."""
    from chimera.domain import Estate
    from chimera.platform.access import Datasets
    from chimera.platform.governance.audit_trail import Trail
    from chimera.platform.observability import Changes, LogFiles, Prometheus, Window
    from chimera.platform.settings import Settings
    from chimera.platform.store import Store

    settings = here.settings
    services: dict[type, Any] = {
        Window: here.window,
        Prometheus: here.window.prometheus,
        Changes: Changes(
            here.window.prometheus,
            settings.changes,
            service_label=settings.service_label,
            step=timedelta(seconds=settings.prometheus.scrape_interval),
        ),
        Store: here.store,
        Trail: Trail(here.store.audit),
        Estate: here.estate,
        Settings: settings,
    }
    if settings.logs.directory:
        services[LogFiles] = LogFiles(settings.logs.directory)
    if settings.data.directory:
        services[Datasets] = Datasets(settings.data.directory)
    return services


def stop_signal() -> asyncio.Event:
    """Set when somebody asks the process to stop."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stopped.set)
    return stopped
