"""What people do in Teams comes in here: what they say, and the buttons they press.

The token is checked before the body is read. Who acts is the tenant and object id of the verified
activity, never a name in a text. A message is written down before Teams is told that it arrived.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chimera.bots.commands import Inbound
from chimera.bots.delivery import Delivery
from chimera.bots.ordering import Ordering
from chimera.bots.talk import followed
from chimera.bots.teams_answers import said_plainly
from chimera.bots.teams_commands import Commands
from chimera.bots.teams_dialogs import Dialogs
from chimera.bots.teams_door import Door, NotFromTeams
from chimera.bots.teams_elements import ADAPTIVE, Card
from chimera.bots.teams_hearing import (
    CANCEL,
    CONFIRM,
    actor,
    is_direct,
    name_of,
    pressed,
    spoken,
    where,
)
from chimera.bots.teams_home import Home
from chimera.bots.teams_posts import Posts
from chimera.bots.teams_presses import Presses
from chimera.bots.teams_sdk import app_of, sdk
from chimera.domain import Refused, Unavailable
from chimera.platform.orchestration.talk import Hear, Heard
from chimera.platform.settings import Teams
from chimera.platform.store.notes import Notes

if TYPE_CHECKING:
    from microsoft_teams.api.activities import AdaptiveCardInvokeActivity, MessageActivity
    from microsoft_teams.api.activities.invoke.task import (
        TaskFetchInvokeActivity,
        TaskSubmitInvokeActivity,
    )
    from microsoft_teams.api.models import ActivityBase
    from microsoft_teams.apps import ActivityContext

SAID = "chimera_said"  # kind of message
PAUSE, TRIES = (
    0.5,
    3,
)  # seconds between tries to write a message down, before Teams delivers it again
log = structlog.get_logger()


class TeamsEndpoint:
    """`await endpoint.handle(request)` answers POST /teams/messages.

    `hear` takes what people say in their own words; without it only commands are understood. `home`
    draws how things stand, `ordering` is what forms for runbooks are filled in for.
    """

    def __init__(
        self,
        section: Teams,
        handler: Inbound,
        notes: Notes,
        hear: Hear | None = None,
        home: Home | None = None,
        ordering: Ordering | None = None,
    ) -> None:
        self._hear = hear
        self._door = Door(section)
        self._delivery = Delivery("teams", notes)
        self._posts = Posts(section, self._delivery)
        self._presses = Presses(handler, notes)
        self._commands = Commands(handler, self._presses, home, ordering)
        self._dialogs = Dialogs(self._delivery, handler, ordering)
        self._app = app_of(section)
        self._app.on_message(self._message)
        self._app.on_card_action(self._card_action)
        self._app.on_dialog_open(self._dialog_opened)
        self._app.on_dialog_submit(self._dialog_sent)

    async def handle(self, request: Request) -> Response:
        apps = sdk()
        authorization = request.headers.get("Authorization", "")
        try:
            claims = await self._door.claims(authorization)
            body = await request.json()
            if not isinstance(body, dict):
                raise NotFromTeams("the body is no activity")
            self._door.check(body, claims)
            event = apps.ActivityEvent(
                body=apps.CoreActivity.model_validate(body),
                token=apps.JsonWebToken(authorization.partition(" ")[2]),
            )
            answer = await self._app.activity_processor.process_activity([], event)
        except NotFromTeams as error:
            log.warning("teams_request_refused", why=str(error))
            return JSONResponse({"error": "Unauthorized"}, 401)
        except Unavailable as error:
            log.error("teams_activity_not_taken", why=str(error))
            return JSONResponse({"error": "ServiceUnavailable"}, 503)
        except ValueError as error:  # no JSON, no activity
            log.warning("teams_request_refused", why=str(error)[:300])
            return JSONResponse({"error": "BadRequest"}, 400)
        said = answer.model_dump(mode="json", by_alias=True, exclude_none=True)
        status = int(said.get("status", 200))
        return JSONResponse(said["body"], status) if "body" in said else Response(None, status)

    async def _message(self, context: ActivityContext[MessageActivity]) -> None:
        activity = context.activity
        value = activity.value
        if isinstance(value, dict) and isinstance(value.get("verb"), str):
            # A client without Action.Execute: it shows no answer, so the thread does.
            said = await self._press(activity, value["verb"], value)
            await self._post(activity, *said_plainly(said))
            return
        heard = spoken(activity)
        if heard is None:
            return
        direct = is_direct(activity)
        if direct and (self._hear is None or self._commands.knows(heard.text)):
            await self._post(activity, *await self._commands.answered(heard))
        elif self._hear is not None and (direct or await followed(heard, self._delivery)):
            await self._write_down(heard)

    async def _card_action(self, context: ActivityContext[AdaptiveCardInvokeActivity]) -> Any:
        action = context.activity.value.action
        verb, team_user = str(action.verb or ""), actor(context.activity)
        if self._commands.on_home(verb):
            _, card = await self._commands.pressed(name_of(context.activity), verb, *team_user)
            return {"statusCode": 200, "type": ADAPTIVE, "value": card}
        said = await self._press(context.activity, verb, given(action.data))
        return sdk().Told(value=said)

    async def _dialog_opened(self, context: ActivityContext[TaskFetchInvokeActivity]) -> Any:
        return await self._dialogs.opened(
            given(context.activity.value.data), *actor(context.activity)
        )

    async def _dialog_sent(self, context: ActivityContext[TaskSubmitInvokeActivity]) -> Any:
        activity = context.activity

        async def tell(said: str) -> None:
            try:
                await self._post(activity, *said_plainly(said))
            except Unavailable as error:
                log.warning("teams_answer_not_delivered", error=str(error))

        return await self._dialogs.sent(given(activity.value.data), *actor(activity), tell)

    async def _press(self, activity: ActivityBase, verb: str, data: dict[str, Any]) -> str:
        team, user = actor(activity)
        if verb not in (CONFIRM, CANCEL):
            return await self._presses.press(name_of(activity), verb, data, team, user)
        if self._hear is None:
            return "Nobody answers here; use `chimera orders`."
        try:
            await self._hear(pressed(activity, verb, data))
        except Unavailable as error:
            return f"{error}. Press again in a moment."
        return "Heard; the thread says what comes of it."

    async def _post(self, activity: ActivityBase, text: str, card: Card) -> None:
        """Answer where something was said or done, once. Raises Unavailable."""
        place, name = where(activity), name_of(activity)
        try:
            async with self._delivery.alone(name):
                thread = (place["place"], place["thread"])
                await self._posts.post(SAID, name, text, card, thread)
        except Refused as error:  # done all the same
            log.warning("teams_answer_not_delivered", error=str(error))

    async def _write_down(self, heard: Heard) -> None:
        """Raises Unavailable: then Teams is told so."""
        assert self._hear is not None
        for _ in range(TRIES - 1):
            try:
                await self._hear(heard)
                return
            except Unavailable:
                await asyncio.sleep(PAUSE)
        await self._hear(heard)


def given(data: Any) -> dict[str, Any]:
    """What a button or a form carries; nothing where it is no object."""
    return data if isinstance(data, dict) else {}
