"""What people do in Slack comes in here: buttons, the command /chimera, and what they say.

Bolt checks Slack's signature and clock; only then is anything read. Who acts is the team and user
of the verified payload, never a name in a text. Each click is acknowledged at once and done after;
the same click delivered again is done once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from secrets import token_hex
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck

from chimera.bots.commands import Inbound, commanded, obeyed
from chimera.bots.delivery import Delivery
from chimera.bots.ordering import Ordering
from chimera.bots.slack_api import SlackApi, slack_hosts, web_client
from chimera.bots.slack_blocks import (
    APPROVE,
    DENY,
    NOT_THE_CAUSE,
    NOT_USEFUL,
    SILENCE,
    USEFUL,
    cut,
    escaped,
)
from chimera.bots.slack_hearing import CANCEL, CONFIRM, command_of, listen, press_of
from chimera.bots.slack_home import ON_HOME, Home
from chimera.bots.slack_modals import Modals
from chimera.bots.slack_payloads import actor, cause_of, incident_of, plan_of
from chimera.bots.slack_replies import answered, told
from chimera.bots.standing import PAUSE, REFRESH, RUN
from chimera.domain import ChimeraError
from chimera.platform.orchestration.talk import Hear
from chimera.platform.settings import Slack
from chimera.platform.store.notes import Notes

log = structlog.get_logger()
SILENCED = 3600.0  # seconds that the button asks for
HELP = (
    "\n`/chimera <question>`, a mention of me, a reply in an incident's thread or a direct message: "
    "ask in your own words, for example `is anything wrong?`, `show p99 of orders since the "
    "deploy`, `what did we do last time?`, `restart orders because it leaks`"
)
USAGE = (
    "`/chimera status` · `/chimera pause [environment]` · `/chimera resume [environment]` · "
    "`/chimera run [runbook]`"
)


class SlackApp(AsyncApp):
    """Bolt's app, with what its requests over HTTP are signed with."""

    secret: str


def slack_app(
    section: Slack,
    handler: Inbound,
    notes: Notes,
    hear: Hear | None = None,
    home: Home | None = None,
    ordering: Ordering | None = None,
) -> SlackApp:
    """The app. Nothing is asked of Slack before a click is acknowledged.

    `hear` takes what people say in their own words; without it only commands are understood. `home`
    draws Home tabs, `ordering` is what forms for runbooks are filled in for.
    """
    token = section.token.reveal()
    slack, hosts = SlackApi(section), slack_hosts(section)
    modals = Modals(slack, Delivery("slack", notes), handler, ordering, home)

    async def authorize(
        enterprise_id: str | None, team_id: str | None, user_id: str | None
    ) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=enterprise_id, team_id=team_id, user_id=user_id, bot_token=token
        )

    # Without a secret nothing comes in over HTTP, and a random one verifies nothing.
    secret = section.signing_secret.reveal() if section.signing_secret else token_hex(32)
    app = SlackApp(
        name="chimera", client=web_client(section), signing_secret=secret, authorize=authorize
    )
    app.secret = secret

    async def click(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        team, user = actor(body)

        async def answer() -> str:
            action = body["actions"][0]
            if action["action_id"] == DENY:
                await modals.ask_why(body)
                return ""
            said = await handler.answer(*plan_of(action), True, team, user, "")
            await answered(slack, body, f"Approved by <@{user}>")
            return said

        await once(body, answer)

    async def opinion(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        team, user = actor(body)

        async def heard() -> str:
            action = body["actions"][0]
            incident = incident_of(action)
            if action["action_id"] == SILENCE:
                return await handler.silence(incident, SILENCED, team, user)
            if action["action_id"] == NOT_THE_CAUSE:
                return await handler.veto(incident, cause_of(action), team, user)
            return await handler.vote(incident, action["action_id"] == USEFUL, team, user)

        await once(body, heard)

    async def pressed(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        team, user = actor(body)

        async def did() -> str:
            action = body["actions"][0]["action_id"]
            if action == RUN:
                await modals.ask_what(body)
                return ""
            if action == REFRESH:
                return "Here is how things stand."
            if action == PAUSE:
                return await handler.pause(None, team, user)
            return await handler.resume(None, team, user)

        await once(body, did)

    async def command(ack: AsyncAck, body: dict[str, Any]) -> None:
        words = str(body.get("text", "")).split()
        if words[:1] == ["run"] and len(words) <= 2:
            await ack()

            async def ask() -> str:
                await modals.ask_what(body, *words[1:])
                return ""

            await once(body, ask)
            return
        if hear is not None and not commanded(str(body.get("text", ""))):
            await hear(command_of(body))
            await ack()
            return
        await ack()
        team, user = actor(body)

        async def obey() -> str:
            text = str(body.get("text", ""))
            usage = USAGE + HELP if text.split() == ["help"] else USAGE
            return await obeyed(handler, text, team, user, usage)

        await once(body, obey)

    async def settled(ack: AsyncAck, body: dict[str, Any]) -> None:
        if hear is not None:
            await hear(press_of(body, *actor(body)))
        await ack()

    async def once(body: dict[str, Any], do: Callable[[], Awaitable[str]]) -> None:
        """Do it at most once for each event. If Chimera dies in between, a person presses again.

        What it says is for that person alone: below what they did, or on their Home tab.
        """
        event = str(body["trigger_id"])
        try:
            if not await notes.put_once("slack-inbound", event, "seen"):
                return
            said = await do()
        except ChimeraError as error:
            said = str(error)
        except Exception:
            log.exception("slack_inbound_failed", event_id=event)
            said = "Chimera could not do that; its log says why. Then try again."
        if not said:
            return
        if url := body.get("response_url"):
            text = said if said.startswith(USAGE) else cut(escaped(said), 3000)
            await told(hosts, str(url), text)
        elif home is not None:
            await shown(*actor(body), said)

    async def shown(team: str, user: str, line: str = "") -> None:
        assert home is not None
        try:
            await home.publish(team, user, line)
        except ChimeraError as error:
            log.warning("slack_home_not_drawn", user=user, error=str(error))

    async def opened(body: dict[str, Any]) -> None:
        event = body["event"]
        if event.get("tab") == "home":
            await shown(str(body.get("team_id", "")), str(event["user"]))

    app.action(APPROVE)(click)
    app.action(DENY)(click)
    for name in (USEFUL, NOT_USEFUL, SILENCE, NOT_THE_CAUSE):
        app.action(name)(opinion)
    app.command("/chimera")(command)
    for name in (CONFIRM, CANCEL):
        app.action(name)(settled)
    for name in ON_HOME:
        app.action(name)(pressed)
    modals.listen(app)
    if home is not None:
        app.event("app_home_opened")(opened)
    if hear is not None:
        listen(app, hear, Delivery("slack", notes))
    return app
