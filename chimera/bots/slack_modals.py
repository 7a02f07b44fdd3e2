"""Modals: opened within the three seconds that Slack gives, read when they are sent, answered in place."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from chimera.bots import slack_forms as forms
from chimera.bots.commands import Inbound
from chimera.bots.delivery import Delivery
from chimera.bots.form_fields import read
from chimera.bots.ordering import Ordering
from chimera.bots.sent_once import SentOnce
from chimera.bots.slack_api import SlackApi
from chimera.bots.slack_blocks import cut, escaped
from chimera.bots.slack_home import Home
from chimera.bots.slack_payloads import actor, kept_in, plan_of, typed
from chimera.bots.slack_replies import answered
from chimera.domain import ChimeraError, Refused

IN_TIME = 2.0  # seconds for the answer to a form; Slack waits for three
ERROR = 200  # characters below a field
log = structlog.get_logger(__name__)


class Modals:
    """What forms ask for is checked when they are sent; nothing is asked of Slack beside them."""

    def __init__(
        self,
        slack: SlackApi,
        delivery: Delivery,
        handler: Inbound,
        ordering: Ordering | None,
        home: Home | None,
    ) -> None:
        self._slack = slack
        self._delivery = delivery
        self._handler = handler
        self._ordering = ordering
        self._home = home
        self._sent = SentOnce(delivery)
        self._late: set[asyncio.Task[None]] = set()

    def listen(self, app: AsyncApp) -> None:
        app.view(forms.DENIAL)(self._denied)
        app.view(forms.CHOICE)(self._chosen)
        app.view(forms.ORDER)(self._ordered)
        app.view(forms.PLAN)(self._agreed)

    async def ask_why(self, body: dict[str, Any]) -> None:
        """Somebody pressed Deny: ask for the reason. Raises Refused, Unavailable."""
        order, plan = plan_of(body["actions"][0])
        press = str(body["trigger_id"])
        pressed = {name: body.get(name) for name in ("container", "message")}
        await self._delivery.put(f"press:{press}", json.dumps(pressed))
        await self._open(body, forms.denial(order, plan, press))

    async def ask_what(self, body: dict[str, Any], name: str = "") -> None:
        """Somebody wants to run a runbook: ask which one, or with what. Raises Refused, Unavailable."""
        if self._ordering is None:
            raise Refused("no runbook can be run from here")
        offered = self._ordering.offered(*actor(body))
        view = self._form(name) if name else forms.choice(offered)
        await self._open(body, view)

    async def _open(self, body: dict[str, Any], view: forms.View) -> None:
        await self._slack.call("views.open", trigger_id=str(body["trigger_id"]), view=view)

    def _form(self, name: str) -> forms.View:
        assert self._ordering is not None
        card = self._ordering.card(name)
        return forms.order(card, self._ordering.fields(card))

    async def _denied(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        view, (team, user) = body["view"], actor(body)
        why = typed(view).get(forms.REASON, "").strip()
        if not why:
            await ack(response_action="errors", errors={forms.REASON: "Say why, in a few words."})
            return
        kept = kept_in(view)

        async def deny() -> str:
            said = await self._handler.answer(
                str(kept["order"]), str(kept["plan"]), False, team, user, why
            )
            await self._shown(str(kept["press"]), team, user, why)
            return said

        await self._settle(ack, body, deny, forms.REASON)

    async def _shown(self, press: str, team: str, user: str, why: str) -> None:
        """Put the answer where Deny was pressed. It is given: what fails here does not undo it."""
        pressed = json.loads(await self._delivery.get(f"press:{press}") or "{}")
        if pressed.get("message"):
            line = f"Denied by <@{user}>: {cut(escaped(why), 300)}"
            await answered(self._slack, pressed, line)
        elif self._home is not None:
            try:
                await self._home.publish(team, user)
            except ChimeraError as error:
                log.warning("slack_home_not_drawn", user=user, error=str(error))

    async def _chosen(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        try:
            name = typed(body["view"]).get(forms.RUNBOOK, "")
            await ack(response_action="update", view=self._form(name))
        except ChimeraError as error:
            await ack(response_action="errors", errors={forms.RUNBOOK: cut(str(error), ERROR)})

    async def _ordered(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Check what was filled in and show the plan; nothing is placed yet."""
        assert self._ordering is not None
        view = body["view"]
        try:
            name, given = str(kept_in(view).get(forms.RUNBOOK, "")), typed(view)
            values, errors = read(self._ordering.fields(self._ordering.card(name)), given)
            why = given.get(forms.REASON, "").strip()
            if not why:
                errors[forms.REASON] = "Say why, in a few words."
            kept = {forms.RUNBOOK: name, "values": values, forms.REASON: why}
            if len(json.dumps(kept)) > forms.KEPT:
                errors.setdefault(forms.REASON, "All of it together is too long; shorten it.")
            if errors:
                await ack(response_action="errors", errors=errors)
                return
            shown = await self._ordering.plan(name, values, why, *actor(body))
            await ack(response_action="update", view=forms.plan(shown, kept))
        except ChimeraError as error:
            await ack(response_action="errors", errors={forms.REASON: cut(str(error), ERROR)})

    async def _agreed(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        assert self._ordering is not None
        ordering, kept = self._ordering, kept_in(body["view"])

        async def place() -> str:
            name, why = str(kept[forms.RUNBOOK]), str(kept[forms.REASON])
            return await ordering.place(name, dict(kept["values"]), why, *actor(body))

        await self._settle(ack, body, place, "")

    async def _settle(
        self, ack: AsyncAck, body: dict[str, Any], do: Callable[[], Awaitable[str]], field: str
    ) -> None:
        """Do it, and answer in the form; what takes too long for that is told by message."""
        work = asyncio.create_task(self._sent.do(body["view"]["id"], do))
        done, _ = await asyncio.wait([work], timeout=IN_TIME)
        if not done:
            await ack(response_action="update", view=forms.said("It is under way; I write to you."))
            later = asyncio.create_task(self._tell(work, actor(body)[1]))
            self._late.add(later)
            later.add_done_callback(self._late.discard)
            return
        text, refused = work.result()
        if refused and field:
            await ack(response_action="errors", errors={field: cut(text, ERROR)})
        else:
            await ack(response_action="update", view=forms.said(text))

    async def _tell(self, work: asyncio.Task[tuple[str, bool]], user: str) -> None:
        text, _ = await work
        try:
            await self._slack.call("chat.postMessage", channel=user, text=cut(escaped(text), 3000))
        except ChimeraError as error:
            log.warning("slack_answer_not_delivered", error=str(error))
