"""`chimera worker`: detection, incidents and repairs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from chimera.main.base import base, services_of, stop_signal

if TYPE_CHECKING:
    from chimera.platform.settings import Settings


async def run_worker(settings: Settings) -> None:
    """Detection, incidents and repairs, until SIGTERM."""
    from temporalio.worker import Worker

    from chimera.agents.investigator import Investigator
    from chimera.bots.offered import channels
    from chimera.flows.accounting import keeping
    from chimera.flows.burns import Burns
    from chimera.flows.grouper import Grouper
    from chimera.flows.illustrating import Illustrating
    from chimera.flows.incident import IncidentWorkflow
    from chimera.flows.incident_steps import IncidentSteps
    from chimera.flows.pace import Pace
    from chimera.flows.schedule import keep_watching
    from chimera.flows.watch import WatchWorkflow
    from chimera.flows.watching import Watching, watcher_of
    from chimera.platform.governance.audit_trail import Trail
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
        investigator = Investigator(
            services,
            cards,
            planner=planner,
            keep=here.store.keep_dossier,
            record=keeping(here.store, services[Trail], model.budget.close if model else None),
        )
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
