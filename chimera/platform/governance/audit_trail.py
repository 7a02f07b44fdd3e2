"""What is looked at and said: noted as it happens, written in one transaction at the end of a run.

A look changes nothing, so that it need not wait for the log; but it is refused once so much is
waiting that the log can plainly not be written.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from chimera.domain import ChimeraError, Unavailable
from chimera.platform.governance.audit import Entry

Write = Callable[..., Awaitable[Any]]  # Store.audit
SOON = 64  # entries that are written without waiting for the end of a run
MOST = 1024  # entries that may wait for a log that cannot be written
log = structlog.get_logger(__name__)


class Trail:
    """The notes of one process."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._waiting: list[Entry] = []
        self._one_at_a_time = asyncio.Lock()

    async def note(self, entry: Entry) -> None:
        """Have it written soon. Raises Unavailable where the log cannot be written."""
        self._keep(entry)
        if len(self._waiting) < SOON:
            return
        await self.settle()
        if len(self._waiting) > MOST:
            del self._waiting[MOST:]
            raise Unavailable("the audit log", "be written", "too much waits for it")

    async def settle(self, *entries: Entry, write: Write | None = None) -> None:
        """Write what waits, and these, perhaps beside something else; what cannot be written goes
        on waiting."""
        self._keep(*entries)
        async with self._one_at_a_time:
            batch, self._waiting = self._waiting, []
            try:
                await (write or self._write)(*batch)
            except BaseException as error:
                self._waiting = batch + self._waiting
                if not isinstance(error, ChimeraError | OSError) and not database(error):
                    raise
                log.error("the audit log cannot be written", waiting=len(batch), reason=str(error))

    def _keep(self, *entries: Entry) -> None:
        """With a key each, so that a batch whose writing was cut short can be written again."""
        for entry in entries:
            key = entry.key or uuid.uuid4().hex
            self._waiting.append(entry.model_copy(update={"key": key}))


def database(error: BaseException) -> bool:
    """Whether it is the database that failed: it may be back for the next one."""
    from sqlalchemy.exc import DBAPIError

    return isinstance(error, DBAPIError)
