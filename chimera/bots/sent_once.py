"""A form's effect comes once, however often the form is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from chimera.bots.delivery import Delivery
from chimera.domain import Refused, Unavailable

BEGUN = (
    "This was sent before, and Chimera was stopped before it knew what became of it. "
    "Look at `chimera orders`, then open a new form."
)
log = structlog.get_logger(__name__)


class SentOnce:
    """By the form's own name: sent again, it is answered as before and does nothing."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery

    async def do(self, form: str, work: Callable[[], Awaitable[str]]) -> tuple[str, bool]:
        """(what is said, whether it was refused). A refused form may be sent again."""
        key = f"view:{form}"
        async with self._delivery.alone(key):
            state, _, text = (await self._delivery.get(key) or "").partition(" ")
            if state:
                return (text, False) if state == "done" else (BEGUN, False)
            await self._delivery.put(key, "begun")
            try:
                text = await work()
            except Refused as error:
                await self._delivery.put(key, "")
                return str(error), True
            except Unavailable as error:
                return f"{error}. Look at `chimera orders` before you try again.", False
            except Exception:
                log.exception("form_failed", form=form)
                return "Chimera could not do that; its log says why.", False
            await self._delivery.put(key, f"done {text}")
            return text, False
