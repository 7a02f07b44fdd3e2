"""What a button in Teams does, once, with an answer for whoever pressed it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from chimera.bots.commands import Inbound
from chimera.bots.teams_cards import APPROVE, DENY, NOT_THE_CAUSE, NOT_USEFUL, SILENCE, USEFUL
from chimera.domain import ChimeraError, Refused
from chimera.platform.store.notes import Notes

SCOPE = "teams-inbound"
SILENCED = 3600.0  # seconds that the button asks for
PATIENCE = 8.0  # seconds; Teams waits for 15
LATER = "Chimera is at it; the thread will say what came of it."
log = structlog.get_logger()


class Presses:
    """Who acts is the tenant and user of the verified activity; what is done is up to the desk."""

    def __init__(self, handler: Inbound, notes: Notes) -> None:
        self._handler = handler
        self._notes = notes
        self._under_way: set[asyncio.Task[str]] = set()

    async def press(
        self, event: str, verb: str, data: Mapping[str, Any], team: str, user: str
    ) -> str:
        """Do what a button of a notice says."""

        async def do() -> str:
            if verb in (APPROVE, DENY):
                order, plan = part(data, "order"), part(data, "plan")
                return await self._handler.answer(order, plan, verb == APPROVE, team, user, "")
            incident = part(data, "incident")
            if verb == SILENCE:
                return await self._handler.silence(incident, SILENCED, team, user)
            if verb == NOT_THE_CAUSE:
                return await self._handler.veto(incident, part(data, "cause"), team, user)
            if verb in (USEFUL, NOT_USEFUL):
                return await self._handler.vote(incident, verb == USEFUL, team, user)
            raise Refused("this button is not one of Chimera's; ask Chimera in words")

        return await self.once(event, do)

    async def once(self, event: str, do: Callable[[], Awaitable[str]]) -> str:
        """Do it at most once for each event; its answer, however often it is delivered.

        If Chimera dies in between, a person acts again.
        """
        if not await self._notes.put_once(SCOPE, event, ""):
            return await self._notes.get(SCOPE, event) or LATER
        task = asyncio.ensure_future(self._done(event, do))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        await asyncio.wait({task}, timeout=PATIENCE)
        return task.result() if task.done() else LATER

    async def _done(self, event: str, do: Callable[[], Awaitable[str]]) -> str:
        try:
            said = await do()
        except ChimeraError as error:
            said = str(error)
        except Exception:
            log.exception("teams_inbound_failed", event_id=event)
            said = "Chimera could not do that; its log says why. Then try again."
        await self._notes.put(SCOPE, event, said)
        return said


def part(data: Mapping[str, Any], key: str) -> str:
    """Raises Refused."""
    if not isinstance(data.get(key), str):
        raise Refused("this button is not one of Chimera's; ask Chimera in words")
    return str(data[key])
