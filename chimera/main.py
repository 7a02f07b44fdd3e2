"""The one place where everything is built.

`chimera worker` runs detection, incidents and repairs; `chimera api` is where people and webhooks
come in. Everything reaches its parts through constructors, filled here.
"""

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

    from chimera.bots.slack_inbound import WhoIs
    from chimera.domain import Actuator, Estate
    from chimera.flows.desk import Desk
    from chimera.platform.identity.signing import Signer
    from chimera.platform.observability import Window
    from chimera.platform.orchestration.talk import Hear
    from chimera.platform.settings import Settings
    from chimera.platform.store import Store
    from chimera.runbooks.base import Runbook


def main() -> None:
    """The `chimera` command."""
    from chimera.cli import build

    build()()


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
    try:
        yield Base(
            settings=settings,
            store=store,
            client=await connect(settings.temporal, [TracingInterceptor()]),
            signer=Signer(settings.identity.signing_key.reveal()),
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
        Estate: here.estate,
        Settings: settings,
    }
    if settings.logs.directory:
        services[LogFiles] = LogFiles(settings.logs.directory)
    return services


async def run_worker(settings: Settings) -> None:
    """Detection, incidents and repairs, until SIGTERM."""
    from temporalio.worker import Worker

    from chimera.agents.investigator import Investigator
    from chimera.bots.offered import channels
    from chimera.flows.burns import Burns
    from chimera.flows.grouper import Grouper
    from chimera.flows.illustrating import Illustrating
    from chimera.flows.incident import IncidentWorkflow
    from chimera.flows.incident_steps import IncidentSteps
    from chimera.flows.pace import Pace
    from chimera.flows.schedule import keep_watching
    from chimera.flows.watch import WatchWorkflow
    from chimera.flows.watching import Watching, watcher_of
    from chimera.platform.governance.outbound import Outbound
    from chimera.platform.governance.policy import Policy
    from chimera.platform.orchestration.tell import Telling, TellWorkflow
    from chimera.platform.pictures.gallery import Gallery
    from chimera.platform.telemetry import metrics
    from chimera.runbooks.steps import RunbookSteps
    from chimera.runbooks.workflow import RunbookWorkflow

    stopped = stop_signal()
    async with base(settings, "worker") as here:
        interval = timedelta(seconds=settings.prometheus.scrape_interval)
        services = services_of(here)
        cards = [runbook.card for runbook in here.runbooks.values()]
        steps = RunbookSteps(
            here.runbooks,
            Policy(settings.policy),
            here.signer,
            here.store,
            here.estate,
            timedelta(seconds=settings.loop.cool_down_seconds),
        )
        planner, model = None, None
        if settings.model:
            from chimera.agents.reasoning.planner import ModelPlanner
            from chimera.platform.governance.outbound import Outbound
            from chimera.platform.models.model import LanguageModel

            model = LanguageModel(settings.model, here.store)
            planner = ModelPlanner(model, Outbound.of(settings, here.estate))
        investigator = Investigator(services, cards, planner=planner, keep=here.store.keep_dossier)
        incidents = IncidentSteps(
            investigator.investigate, here.store, here.signer, here.order_life
        )
        watching = Watching(
            here.window,
            watcher_of(settings),
            here.store,
            settings.environment,
            settings.maintenance,
        )
        queue = settings.temporal.task_queue
        grouper = Grouper(
            here.store,
            here.client,
            queue,
            here.estate,
            Pace.of(settings),
            settings.environment,
            planned=settings.maintenance,
            freezes=settings.policy.freezes,
            burning=Burns(here.window.prometheus, here.estate.slos, interval.total_seconds()),
            illustrating=Illustrating(here.store, here.client, queue),
        )
        telling = Telling(
            channels(settings, here.store),
            here.store,
            Gallery(here.window, here.store),
            Outbound.of(settings, here.estate),
        )
        worker = Worker(
            here.client,
            task_queue=queue,
            workflows=[WatchWorkflow, IncidentWorkflow, RunbookWorkflow, TellWorkflow],
            activities=[
                watching.detect,
                grouper.group,
                *steps.activities(),
                *incidents.activities(),
                telling.channels,
                telling.send,
            ],
            graceful_shutdown_timeout=timedelta(seconds=3),
        )
        async with worker:
            name = f"{await here.store.prefix()}watch-{settings.environment}"
            await keep_watching(here.client, queue, name, interval)
            serving = metrics.serve(settings.api.worker_metrics_port, settings.api.host)
            metrics.running("worker")
            try:
                await stopped.wait()
            finally:
                serving()
                if model is not None:
                    await model.close()


async def run_api(settings: Settings) -> None:
    """REST, webhooks, chat's inbound side and the console, until SIGTERM."""
    import uvicorn
    from temporalio.client import RPCError

    from chimera.api.app import create_app
    from chimera.bots.slack_app import slack_app, slack_endpoint
    from chimera.bots.slack_inbound import SlackInbound
    from chimera.domain import Unavailable
    from chimera.flows.desk import Desk
    from chimera.platform.identity.followed import FollowedPeople
    from chimera.platform.identity.people import People
    from chimera.platform.pictures.gallery import Gallery

    async with base(settings, "api") as here:
        cards = {name: runbook.card for name, runbook in here.runbooks.items()}
        file = settings.identity.people
        people = FollowedPeople(file) if file else People()
        desk = Desk(
            here.client,
            settings.temporal.task_queue,
            here.store,
            here.signer,
            cards,
            lambda order: here.runbooks[order.runbook].plan(order, here.estate),
            settings.environment,
            here.order_life,
            settings.maintenance,
        )
        slack, talks = None, contextlib.AsyncExitStack()
        if settings.slack:
            inbound = SlackInbound(desk, people.by_slack)
            hear = await talks.enter_async_context(talking(here, desk, people.by_slack))
            slack = slack_endpoint(slack_app(settings.slack, inbound, here.store, hear)).handle

        async def temporal() -> None:
            try:
                await here.client.service_client.check_health()
            except RPCError as error:
                raise Unavailable("Temporal", "answer", str(error)) from error

        async def prometheus() -> None:
            if not await here.window.prometheus.ready():
                raise Unavailable("Prometheus", "say that it is ready")

        probes = {"temporal": temporal, "prometheus": prometheus}
        gallery = Gallery(here.window, here.store)
        app = create_app(settings, here.store, desk, people, cards, slack, probes, gallery)
        config = uvicorn.Config(
            app,
            host=settings.api.host,
            port=settings.api.port,
            log_config=None,
            timeout_graceful_shutdown=3,
        )
        async with talks:
            await uvicorn.Server(config).serve()


@asynccontextmanager
async def talking(here: Base, desk: Desk, who_is: WhoIs) -> AsyncIterator[Hear]:
    """Answer what people say in Slack; yields what writes a message down."""
    from temporalio.worker import Worker

    from chimera.agents.reasoning.chatting import chatting
    from chimera.bots.slack_talk import SlackTalk
    from chimera.flows.conversation import Conversation, DeskDoor
    from chimera.platform.access import MetricNames
    from chimera.platform.catalog.shelf import Shelf
    from chimera.platform.models.model import LanguageModel
    from chimera.platform.orchestration.talk import Talking, TalkWorkflow, hearing, talk_queue

    settings = here.settings
    assert settings.slack is not None
    read, queue = settings.prometheus, settings.temporal.task_queue
    services = services_of(here) | {
        MetricNames: MetricNames(
            read.url,
            headers={"Authorization": f"Bearer {read.token.reveal()}"} if read.token else None,
            timeout=read.timeout,
        ),
        Shelf: Shelf(runbook.card for runbook in here.runbooks.values()),
    }
    model = LanguageModel(settings.model, here.store) if settings.model else None
    try:
        async with Conversation.open(
            settings.home / "chat.db",
            services,
            DeskDoor(desk),
            chatting(model) if model else None,
            confirms=True,
        ) as conversation:
            talk = SlackTalk(settings.slack, here.store, who_is, conversation)
            async with Worker(
                here.client,
                task_queue=talk_queue(queue),
                workflows=[TalkWorkflow],
                activities=[Talking(talk).answer_message],
                graceful_shutdown_timeout=timedelta(seconds=3),
            ):
                yield hearing(here.client, queue, await here.store.prefix())
    finally:
        if model is not None:
            await model.close()


def stop_signal() -> asyncio.Event:
    """Set when somebody asks the process to stop."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stopped.set)
    return stopped
