"""`chimera api`: REST, webhooks, the chats and the console."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chimera.main.base import base
from chimera.main.chats import chats

if TYPE_CHECKING:
    from chimera.platform.settings import Settings


async def run_api(settings: Settings) -> None:
    """REST, webhooks, chat's inbound side and the console, until SIGTERM."""
    import uvicorn
    from temporalio.client import RPCError

    from chimera.api.app import create_app
    from chimera.domain import Unavailable
    from chimera.flows.desk import Desk
    from chimera.flows.handing import owners
    from chimera.platform.governance.policy import configured
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
            partial(configured, settings.policy),
            lambda: {one.id: one.name for one in people.people},
            owners(here.estate),
        )

        async def temporal() -> None:
            try:
                await here.client.service_client.check_health()
            except RPCError as error:
                raise Unavailable("Temporal", "answer", str(error)) from error

        async def prometheus() -> None:
            if not await here.window.prometheus.ready():
                raise Unavailable("Prometheus", "say that it is ready")

        gallery = Gallery(here.window, here.store)
        async with chats(here, desk, people, gallery) as inbound:
            web = create_app(
                settings,
                here.store,
                desk,
                people,
                cards,
                inbound.slack,
                {"temporal": temporal, "prometheus": prometheus},
                gallery,
                inbound.teams,
                inbound.teams_pictures,
            )
            config = uvicorn.Config(
                web,
                host=settings.api.host,
                port=settings.api.port,
                log_config=None,
                timeout_graceful_shutdown=3,
            )
            await uvicorn.Server(config).serve()
