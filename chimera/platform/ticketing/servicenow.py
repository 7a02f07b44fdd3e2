"""ServiceNow incidents through pysnow on the Table API: each written once, even if a reply is lost.

The Table API has no idempotency key. So a record is found again by its `correlation_id` and a work
note by a marker in its text: looked up before a write, and after one whose reply did not come.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

import pysnow

from chimera.domain import Misconfigured, Refused, Unavailable
from chimera.domain.base import Value
from chimera.platform import settings as sections
from chimera.platform.ticketing.failures import translated
from chimera.platform.ticketing.session import new_session

NEW, IN_PROGRESS, RESOLVED, CLOSED, CANCELED = "1", "2", "6", "7", "8"
OVER = (RESOLVED, CLOSED, CANCELED)
FIELDS = ["sys_id", "number", "state", "correlation_id", "close_code"]
# Column lengths of a stock instance; it cuts longer texts without a word.
SHORT, LONG = 160, 4000
THREADS = 4
TABLE, FILES = "/table/incident", "/attachment"  # of its REST API


class Ticket(Value):
    """One ServiceNow incident."""

    sys_id: str
    number: str
    state: str
    correlation_id: str
    link: str
    close_code: str = ""

    @property
    def over(self) -> bool:
        return self.state in OVER


class ServiceNow:
    """A ServiceNow instance. Raises Refused (wrong password, rights, data) or Unavailable."""

    def __init__(self, settings: sections.ServiceNow, timeout: float = 10.0) -> None:
        self._settings = settings
        self._timeout = timeout
        self._client: Any = None  # pysnow has no types
        # Threads of its own: a ServiceNow that hangs must not hold up what others ask.
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="servicenow")
        # And one for files: words never wait for a picture.
        self._files = ThreadPoolExecutor(1, thread_name_prefix="servicenow-files")
        # A look and its write belong together, ticket by ticket.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def find(self, correlation_id: str) -> Ticket | None:
        """The oldest incident with this correlation id, or None."""
        if not correlation_id or "^" in correlation_id:
            raise Refused(f"{correlation_id!r} cannot be a correlation id: empty, or it holds ^")
        query = f"correlation_id={correlation_id}^ORDERBYnumber"
        found = await self._call(
            f"look for the incident {correlation_id}",
            lambda table: list(table.get(query=query, limit=1, fields=FIELDS).all()),
        )
        return self._ticket(found[0]) if found else None

    async def open(
        self,
        correlation_id: str,
        short_description: str,
        description: str,
        urgency: int = 2,
        impact: int = 2,
        fields: Mapping[str, str] | None = None,
    ) -> Ticket:
        """The incident with this correlation id, created if it is not there."""
        async with self._lock(correlation_id):
            if there := await self.find(correlation_id):
                return there
            record = {
                "correlation_id": correlation_id,
                "correlation_display": "Chimera",
                "short_description": short_description[:SHORT],
                "description": description[:LONG],
                "urgency": str(urgency),
                "impact": str(impact),
                **(fields or {}),
            }
            if self._settings.assignment_group:
                record["assignment_group"] = self._settings.assignment_group
            try:
                made = await self._call(
                    f"open the incident {correlation_id}", lambda table: table.create(record).one()
                )
            except Unavailable:
                # It may have been carried out all the same.
                if there := await self.find(correlation_id):
                    return there
                raise
            return self._ticket(made)

    async def note(self, ticket: Ticket, text: str, key: str) -> None:
        """Write a work note once for each key."""
        marker = f"[chimera:{key}]"
        asked = f"write a work note on {ticket.number}"
        change = {"work_notes": f"{text}\n{marker}"}
        async with self._lock(ticket.correlation_id):
            state, notes = await self._state_and_notes(ticket)
            if marker in notes:
                return
            if state == NEW:
                change["state"] = IN_PROGRESS
            try:
                await self._change(ticket, change, asked)
            except Unavailable:
                if marker not in (await self._state_and_notes(ticket))[1]:
                    raise

    async def weigh(self, ticket: Ticket, urgency: int, impact: int) -> None:
        """Set urgency and impact, unless the ticket is over."""
        change = {"urgency": str(urgency), "impact": str(impact)}
        async with self._lock(ticket.correlation_id):
            if not (await self._again(ticket)).over:
                await self._change(ticket, change, f"weigh {ticket.number}")

    async def resolve(self, ticket: Ticket, close_code: str, close_notes: str) -> None:
        """Resolve it, unless it is resolved, closed or cancelled already."""
        asked = f"resolve {ticket.number}"
        change = {"state": RESOLVED, "close_code": close_code, "close_notes": close_notes[:LONG]}
        async with self._lock(ticket.correlation_id):
            if (await self._again(ticket)).over:
                return
            try:
                await self._change(ticket, change, asked)
            except Unavailable:
                if not (await self._again(ticket)).over:
                    raise

    async def attach(self, ticket: Ticket, name: str, kind: str, content: bytes) -> None:
        """Attach a file (`kind` is its media type) once for each name."""
        asked = f"attach {name} to {ticket.number}"
        query = f"table_name=incident^table_sys_id={ticket.sys_id}^file_name={name}"
        if not name or "^" in name:
            raise Refused(f"{name!r} cannot be a file's name: empty, or it holds ^")

        def there(resource: Any) -> bool:
            return bool(list(resource.get(query=query, limit=1, fields=["sys_id"]).all()))

        def upload(resource: Any) -> str:
            wanted = {"table_name": "incident", "table_sys_id": ticket.sys_id, "file_name": name}
            resource.parameters.add_custom(wanted)
            answer = resource.request(
                "POST", path_append="/file", data=content, headers={"Content-Type": kind}
            )
            return str(answer.one()["sys_id"])

        async with self._lock(f"{ticket.correlation_id}/files"):
            if await self._call(asked, there, FILES):
                return
            try:
                await self._call(asked, upload, FILES)
            except Unavailable:
                # It may be there all the same.
                if not await self._call(asked, there, FILES):
                    raise

    async def _again(self, ticket: Ticket) -> Ticket:
        """The ticket as it is now."""
        record = await self._call(
            f"read {ticket.number}",
            lambda table: table.get(query={"sys_id": ticket.sys_id}, fields=FIELDS).one(),
        )
        return self._ticket(record)

    async def _state_and_notes(self, ticket: Ticket) -> tuple[str, str]:
        """The state, and all work notes as one text: a journal has content only as display value."""

        def read(table: Any) -> tuple[str, str]:
            fields = ["state", "work_notes"]
            query = {"sys_id": ticket.sys_id}
            record = table.get(query=query, fields=fields, display_value="all").one()
            return str(record["state"]["value"]), str(record["work_notes"]["display_value"])

        found: tuple[str, str] = await self._call(f"read the work notes of {ticket.number}", read)
        return found

    async def _change(self, ticket: Ticket, change: dict[str, str], asked: str) -> None:
        await self._call(
            asked, lambda table: table.update({"sys_id": ticket.sys_id}, change).one()["sys_id"]
        )

    def _ticket(self, record: Mapping[str, Any]) -> Ticket:
        with translated("read its own record", self._settings.user):
            return Ticket(
                sys_id=record["sys_id"],
                number=record["number"],
                state=str(record["state"]),
                correlation_id=record["correlation_id"],
                close_code=record.get("close_code") or "",
                link=f"{self._settings.url.rstrip('/')}/nav_to.do?uri=incident.do?sys_id={record['sys_id']}",
            )

    def _lock(self, key: str) -> asyncio.Lock:
        return self._locks.setdefault(key, asyncio.Lock())

    async def _call(self, asked: str, ask: Any, path: str = TABLE) -> Any:
        """Run one exchange in a thread, on a resource of its own (they share query parameters)."""

        def exchange() -> Any:
            with translated(asked, self._settings.user):
                return ask(self._resource(path))

        threads = self._files if path == FILES else self._threads
        return await asyncio.get_running_loop().run_in_executor(threads, exchange)

    def _resource(self, path: str) -> Any:
        if self._client is None:
            address = urlsplit(self._settings.url)
            if address.scheme not in ("http", "https") or not address.netloc:
                raise Misconfigured(
                    f"servicenow.url is {self._settings.url!r}; "
                    "write https://<instance>.service-now.com"
                )
            session = new_session(
                self._settings.url, self._settings.user, self._settings.password.reveal()
            )
            self._client = pysnow.Client(
                host=address.netloc + address.path.rstrip("/"),
                use_ssl=address.scheme == "https",
                session=session,
            )
        return self._client.resource(api_path=path, timeout=self._timeout)
