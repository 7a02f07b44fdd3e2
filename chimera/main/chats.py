"""What people say in Slack and Teams, and who answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from chimera.main.base import Base, services_of

if TYPE_CHECKING:
    from chimera.api.app import Handler
    from chimera.flows.desk import Desk
    from chimera.platform.identity.people import People
    from chimera.platform.orchestration.talk import Hear
    from chimera.platform.pictures.gallery import Gallery


@dataclass(frozen=True)
class Inbound:
    """Where the API hands on what comes from the chats; None where it comes otherwise or not at all."""

    slack: Handler | None = None
    teams: Handler | None = None
    teams_pictures: Handler | None = None


@asynccontextmanager
async def chats(here: Base, desk: Desk, people: People, gallery: Gallery) -> AsyncIterator[Inbound]:
    """The chats that the settings name, answered for as long as this is open."""
    from chimera.bots.inbound import Asked
    from chimera.bots.ordering import Ordering
    from chimera.bots.slack_api import SlackApi
    from chimera.bots.slack_app import slack_app
    from chimera.bots.slack_endpoint import slack_endpoint
    from chimera.bots.slack_home import Home
    from chimera.bots.slack_socket import slack_socket
    from chimera.bots.teams_app import TeamsEndpoint
    from chimera.bots.teams_home import Home as TeamsHome
    from chimera.bots.teams_pictures import PictureLinks, Pictures
    from chimera.platform.governance.outbound import Outbound

    section, store = here.settings.slack, here.store
    bot = here.settings.teams if here.settings.teams and here.settings.teams.app_id else None
    slack, teams, teams_pictures = None, None, None
    async with AsyncExitStack() as opened:
        if not section and not bot:
            yield Inbound()
            return
        outbound = Outbound.of(here.settings, here.estate)
        hear = await opened.enter_async_context(talking(here, desk, people))
        if bot:
            teams = TeamsEndpoint(
                bot,
                Asked(desk, people.by_teams),
                store,
                hear,
                TeamsHome(desk, store, people.by_teams, outbound),
                Ordering(desk, people.by_teams, here.estate),
            ).handle
            if links := PictureLinks.of(here.settings):
                teams_pictures = Pictures(links, gallery, store).handle
        if section:
            app = slack_app(
                section,
                Asked(desk, people.by_slack),
                store,
                hear,
                Home(SlackApi(section), desk, store, people.by_slack, outbound),
                Ordering(desk, people.by_slack, here.estate),
            )
            slack = slack_endpoint(app).handle if section.signing_secret else None
            if section.app_token:
                await opened.enter_async_context(slack_socket(section, app))
        yield Inbound(slack, teams, teams_pictures)


@asynccontextmanager
async def talking(here: Base, desk: Desk, people: People) -> AsyncIterator[Hear]:
    """Answer what people say in chats; yields what writes a message down."""
    from temporalio.worker import Worker

    from chimera.agents.reasoning.chatting import chatting
    from chimera.bots.slack_talk import SlackTalk
    from chimera.bots.talk import Talk, Talks
    from chimera.bots.teams_pictures import PictureLinks
    from chimera.bots.teams_talk import TeamsTalk
    from chimera.bots.words import Words
    from chimera.flows.conversation import Conversation, DeskDoor
    from chimera.platform.access import MetricNames
    from chimera.platform.catalog.shelf import Shelf
    from chimera.platform.governance.outbound import Outbound
    from chimera.platform.models.model import LanguageModel
    from chimera.platform.orchestration.talk import Talking, TalkWorkflow, hearing, talk_queue

    settings = here.settings
    read, queue = settings.prometheus, settings.temporal.task_queue
    services = services_of(here) | {
        MetricNames: MetricNames(
            read.url,
            headers={"Authorization": f"Bearer {read.token.reveal()}"} if read.token else None,
            timeout=read.timeout,
        ),
        Shelf: Shelf(runbook.card for runbook in here.runbooks.values()),
    }
    words = Words(Outbound.of(settings, here.estate))
    model = LanguageModel(settings.model, here.store) if settings.model else None
    try:
        async with Conversation.open(
            settings.home / "chat.db",
            services,
            DeskDoor(desk),
            (lambda thread: chatting(model, words.hearing(thread))(thread)) if model else None,
            confirms=True,
        ) as conversation:
            talks: list[Talk] = []
            if settings.slack:
                who_is = people.by_slack
                talks.append(SlackTalk(settings.slack, here.store, who_is, conversation, words))
            if settings.teams and settings.teams.app_id:
                links = PictureLinks.of(settings)
                talks.append(
                    TeamsTalk(
                        *(settings.teams, here.store, people.by_teams, conversation, words, links)
                    )
                )
            async with Worker(
                here.client,
                task_queue=talk_queue(queue),
                workflows=[TalkWorkflow],
                activities=[Talking(Talks(*talks)).answer_message],
                graceful_shutdown_timeout=timedelta(seconds=3),
            ):
                yield hearing(here.client, queue, await here.store.prefix())
    finally:
        if model is not None:
            await model.close()
