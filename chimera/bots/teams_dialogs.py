"""Dialogs of Teams: opened when a button asks for one, read when they are sent, answered in place."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from secrets import token_hex
from typing import Any

from chimera.bots import teams_forms as forms
from chimera.bots.commands import Inbound
from chimera.bots.delivery import Delivery
from chimera.bots.form_fields import read
from chimera.bots.ordering import Ordering
from chimera.bots.sent_once import SentOnce
from chimera.bots.standing import RUN
from chimera.bots.teams_cards import DENY
from chimera.bots.teams_forms import Dialog
from chimera.bots.teams_presses import LATER, PATIENCE, part
from chimera.domain import Refused, Unavailable

Data = Mapping[str, Any]
Tell = Callable[[str], Awaitable[None]]


class Dialogs:
    """Each dialog has a name of its own, made when it is opened, by which its effect comes once."""

    def __init__(self, delivery: Delivery, handler: Inbound, ordering: Ordering | None) -> None:
        self._handler = handler
        self._ordering = ordering
        self._sent = SentOnce(delivery)
        self._late: set[asyncio.Task[None]] = set()

    async def opened(self, data: Data, team: str, user: str) -> Dialog:
        """Teams asks what a button opens."""
        form = {"form": token_hex(8)}
        try:
            if data.get("verb") == DENY:
                plan = {key: part(data, key) for key in ("order", "plan")}
                return forms.denial({**form, **plan}, {})
            if data.get("verb") != RUN:
                raise Refused("this button is not one of Chimera's; ask Chimera in words")
            cards = self._runs.offered(team, user)
            if name := str(data.get("runbook") or ""):
                return self._asked(name, form)
            return forms.choice(cards, form)
        except (Refused, Unavailable) as error:
            return forms.said(str(error))

    async def sent(self, data: Data, team: str, user: str, tell: Tell) -> Dialog:
        """A dialog was sent; `tell` is for what comes of it when Teams waits no longer."""
        try:
            verb, form = part(data, "verb"), {"form": part(data, "form")}
            typed = forms.typed(data)
            if verb == forms.CHOICE:
                return self._asked(typed.get(forms.RUNBOOK, ""), form)
            if verb == forms.ORDER:
                return await self._ordered(part(data, "runbook"), form, typed, team, user)
            if verb == forms.PLAN:
                return await self._agreed(data, team, user, tell)
            if verb == forms.DENIAL:
                return await self._denied(data, typed, team, user, tell)
            raise Refused("this form is not one of Chimera's; open it again")
        except (Refused, Unavailable) as error:
            return forms.said(str(error))

    @property
    def _runs(self) -> Ordering:
        if self._ordering is None:
            raise Refused("no runbook can be run from here")
        return self._ordering

    def _asked(self, name: str, form: Data) -> Dialog:
        card = self._runs.card(name)
        return forms.order(card, self._runs.fields(card), form, {}, {})

    async def _ordered(
        self, name: str, form: Data, typed: Mapping[str, str], team: str, user: str
    ) -> Dialog:
        """Check what was filled in and show the plan; nothing is placed yet."""
        card = self._runs.card(name)
        fields = self._runs.fields(card)
        given = {field.name: typed.get(forms.GIVEN + field.name, "") for field in fields}
        values, errors = read(fields, given)
        why = typed.get(forms.REASON, "").strip()
        if not why:
            errors["reason"] = "Say why, in a few words."
        if not errors:
            try:
                shown = await self._runs.plan(name, values, why, team, user)
                kept = {"runbook": name, "values": values, "reason": why}
                return forms.plan(shown, {**form, **kept})
            except (Refused, Unavailable) as error:
                errors[""] = str(error)
        return forms.order(card, fields, form, typed, errors)

    async def _agreed(self, data: Data, team: str, user: str, tell: Tell) -> Dialog:
        name, why, values = part(data, "runbook"), part(data, "reason"), data.get("values")
        if not isinstance(values, dict):
            raise Refused("this form is not one of Chimera's; open it again")
        given = {str(key): str(value) for key, value in values.items()}
        text, _ = await self._settled(
            f"{user}/{data['form']}",
            lambda: self._runs.place(name, given, why, team, user),
            tell,
        )
        return forms.said(text)

    async def _denied(
        self, data: Data, typed: Mapping[str, str], team: str, user: str, tell: Tell
    ) -> Dialog:
        kept = {key: part(data, key) for key in ("form", "order", "plan")}
        why = typed.get(forms.REASON, "").strip()
        if not why:
            return forms.denial(kept, typed, "Say why, in a few words.")
        text, refused = await self._settled(
            f"{user}/{kept['form']}",
            lambda: self._handler.answer(kept["order"], kept["plan"], False, team, user, why),
            tell,
        )
        return forms.denial(kept, typed, text) if refused else forms.said(text)

    async def _settled(
        self, form: str, do: Callable[[], Awaitable[str]], tell: Tell
    ) -> tuple[str, bool]:
        """Do it, once; what takes longer than Teams waits is told by message."""
        work = asyncio.create_task(self._sent.do(form, do))
        done, _ = await asyncio.wait([work], timeout=PATIENCE)
        if done:
            return work.result()

        async def later() -> None:
            await tell((await work)[0])

        task = asyncio.create_task(later())
        self._late.add(task)
        task.add_done_callback(self._late.discard)
        return LATER, False
