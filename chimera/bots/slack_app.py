"""What people do in Slack comes in here: buttons, the command /chimera, and what they say.

Bolt checks Slack's signature and clock; only then is anything read. Who acts is the team and user
of the verified payload, never a name in a text. Each click is acknowledged at once and done after;
the same click delivered again is done once.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import structlog
from slack_bolt.adapter.fastapi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.signature import SignatureVerifier
from starlette.requests import Request
from starlette.responses import Response

from chimera.bots.delivery import Delivery
from chimera.bots.slack_api import web_client
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
from chimera.bots.slack_replies import answered, told
from chimera.domain import ChimeraError, Refused
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
COMMANDS = ("status", "pause", "resume", "help")
USAGE = "`/chimera status` · `/chimera pause [environment]` · `/chimera resume [environment]`"


class Inbound(Protocol):
    """What Chimera does about it; each answer is shown to the person who asked.

    `answer` returns only when the answer was taken: then the buttons go. All raise Refused
    (unknown person, may not, too late) with a message for that person.
    """

    async def answer(
        self,
        order_id: str,
        plan_hash: str,
        granted: bool,
        slack_team: str,
        slack_user: str,
        note: str,
    ) -> str: ...

    async def vote(self, incident: str, useful: bool, slack_team: str, slack_user: str) -> str: ...

    async def veto(self, incident: str, cause: str, slack_team: str, slack_user: str) -> str: ...

    async def silence(
        self, incident: str, seconds: float, slack_team: str, slack_user: str
    ) -> str: ...

    async def pause(self, environment: str | None, slack_team: str, slack_user: str) -> str: ...

    async def resume(self, environment: str | None, slack_team: str, slack_user: str) -> str: ...

    async def status(self, slack_team: str, slack_user: str) -> str: ...


class SlackApp(AsyncApp):
    """Bolt's app, with what checks a signature."""

    verifier: SignatureVerifier


def slack_app(section: Slack, handler: Inbound, notes: Notes, hear: Hear | None = None) -> SlackApp:
    """The app. Nothing is asked of Slack before a click is acknowledged.

    `hear` takes what people say in their own words; without it only commands are understood.
    """
    token = section.token.reveal()
    client = web_client(section, token)

    async def authorize(
        enterprise_id: str | None, team_id: str | None, user_id: str | None
    ) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=enterprise_id, team_id=team_id, user_id=user_id, bot_token=token
        )

    app = SlackApp(
        name="chimera",
        client=web_client(section),
        signing_secret=section.signing_secret.reveal(),
        authorize=authorize,
    )
    app.verifier = SignatureVerifier(section.signing_secret.reveal())

    async def click(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        team, user = actor(body)

        async def answer() -> str:
            action = body["actions"][0]
            order_id, plan_hash = plan_of(action)
            granted = action["action_id"] == APPROVE
            said = await handler.answer(order_id, plan_hash, granted, team, user, "")
            await answered(client, body, f"{'Approved' if granted else 'Denied'} by <@{user}>")
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

    async def command(ack: AsyncAck, body: dict[str, Any]) -> None:
        if hear is not None and not commanded(str(body.get("text", ""))):
            await hear(command_of(body))
            await ack()
            return
        await ack()
        team, user = actor(body)

        async def obey() -> str:
            return await obeyed(handler, body.get("text", ""), team, user)

        await once(body, obey)

    async def settled(ack: AsyncAck, body: dict[str, Any]) -> None:
        if hear is not None:
            await hear(press_of(body, *actor(body)))
        await ack()

    async def once(body: dict[str, Any], do: Callable[[], Awaitable[str]]) -> None:
        """Do it at most once for each event. If Chimera dies in between, a person presses again."""
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
        text = said if said.startswith(USAGE) else cut(escaped(said), 3000)
        await told(str(body["response_url"]), text)

    app.action(APPROVE)(click)
    app.action(DENY)(click)
    for name in (USEFUL, NOT_USEFUL, SILENCE, NOT_THE_CAUSE):
        app.action(name)(opinion)
    app.command("/chimera")(command)
    for name in (CONFIRM, CANCEL):
        app.action(name)(settled)
    if hear is not None:
        listen(app, hear, Delivery("slack", notes))
    return app


class SlackEndpoint:
    """`await endpoint.handle(request)` answers POST /slack/events.

    The signature is checked before Bolt parses the body: what nobody signed is not read.
    """

    def __init__(self, app: SlackApp) -> None:
        self._verifier = app.verifier
        self._bolt = AsyncSlackRequestHandler(app)

    async def handle(self, request: Request) -> Response:
        if not await self._signed(request):
            return Response('{"error": "invalid request"}', 401, media_type="application/json")
        return await self._bolt.handle(request)

    async def _signed(self, request: Request) -> bool:
        headers = request.headers
        try:
            return self._verifier.is_valid(
                await request.body(),
                headers.get("X-Slack-Request-Timestamp"),
                headers.get("X-Slack-Signature"),
            )
        except (ValueError, TypeError):  # a time that is no number, a body that is no text
            return False


def slack_endpoint(app: SlackApp) -> SlackEndpoint:
    """What the API mounts at POST /slack/events."""
    return SlackEndpoint(app)


def actor(body: dict[str, Any]) -> tuple[str, str]:
    """(team, user) of a verified payload. In a shared channel the user's own team counts."""
    user = body.get("user")
    if isinstance(user, dict):
        return str(user.get("team_id") or (body.get("team") or {}).get("id", "")), str(user["id"])
    return str(body.get("team_id", "")), str(body.get("user_id", ""))


def plan_of(action: dict[str, Any]) -> tuple[str, str]:
    """Which order and which plan a button stands for."""
    try:
        value = json.loads(action["value"])
        return str(value["order"]), str(value["plan"])
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(
            "this button is not one of Chimera's; answer with `chimera orders`"
        ) from error


def incident_of(action: dict[str, Any]) -> str:
    """Which incident a button speaks of."""
    try:
        return str(json.loads(action["value"])["incident"])
    except (KeyError, TypeError, ValueError) as error:
        raise Refused("this button is not one of Chimera's; use `chimera alerts`") from error


def cause_of(action: dict[str, Any]) -> str:
    """Which cause a button doubts."""
    try:
        return str(json.loads(action["value"])["cause"])
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(
            "this button is not one of Chimera's; use `chimera incidents veto`"
        ) from error


def commanded(text: str) -> bool:
    """Whether the text is a command, not a question in a person's own words."""
    words = text.split()
    return not words or (words[0] in COMMANDS and len(words) <= 2)


async def obeyed(handler: Inbound, text: str, team: str, user: str) -> str:
    """Do what a command says; anything else is told how to write it."""
    match text.split():
        case ["status"] | []:
            return await handler.status(team, user)
        case ["pause"]:
            return await handler.pause(None, team, user)
        case ["pause", environment]:
            return await handler.pause(environment, team, user)
        case ["resume"]:
            return await handler.resume(None, team, user)
        case ["resume", environment]:
            return await handler.resume(environment, team, user)
    return USAGE + HELP if text.split() == ["help"] else USAGE
