"""ServiceNow's Table API for incidents, as far as a client can tell."""

from __future__ import annotations

import json
import time
import uuid
from base64 import b64encode
from hmac import compare_digest
from typing import Any

from aiohttp import web

from chimera.sandbox.standins import encoded_query, incident_table
from chimera.sandbox.standins.book import Book
from chimera.sandbox.standins.incident_table import CHOICES, JOURNALS, REFERENCES, STATES
from chimera.sandbox.standins.secrets import Secrets

TABLES = ("incident", "sys_journal_field")
READ_ONLY = ("sys_journal_field",)
REQUESTS_PER_HOUR = 5000  # told in headers; enforced through /misbehave


class ServiceNow:
    """The instance: records in a Book, basic authentication, ServiceNow's error bodies."""

    def __init__(self, book: Book, secrets: Secrets) -> None:
        self._book = book
        self.user = secrets.servicenow_user
        pair = f"{secrets.servicenow_user}:{secrets.servicenow_password}"
        self._expected = "Basic " + b64encode(pair.encode()).decode()

    def routes(self) -> list[web.RouteDef]:
        table, record = "/api/now/table/{table}", "/api/now/table/{table}/{sys_id}"
        return [
            web.get(table, self.answer),
            web.post(table, self.answer),
            web.get(record, self.answer),
            web.put(record, self.answer),
            web.patch(record, self.answer),
            web.delete(record, self.answer),
            web.get("/nav_to.do", self.open_page),
        ]

    async def open_page(self, request: web.Request) -> web.Response:
        """Where the links of tickets lead: the record on the page for people."""
        sys_id = request.query.get("uri", "").partition("sys_id=")[2]
        raise web.HTTPFound(f"/servicenow#{sys_id}")

    async def answer(self, request: web.Request) -> web.Response:
        """One request: who asks, which table, which record; then what is asked."""
        if refused := self.refusal(request):
            return refused
        response = await self._authenticated(request)
        response.headers["X-RateLimit-Limit"] = str(REQUESTS_PER_HOUR)
        response.headers["X-RateLimit-Reset"] = str(int(time.time()) // 3600 * 3600 + 3600)
        response.headers["X-RateLimit-Rule"] = "Table API"
        return response

    def refusal(self, request: web.Request) -> web.Response | None:
        """The answer to whoever shows no password, or a wrong one."""
        shown = request.headers.get("Authorization", "")
        if compare_digest(shown.encode(), self._expected.encode()):
            return None
        self._book.write("servicenow", "refused", {"method": request.method, "status": 401})
        response = failure(401, "User Not Authenticated", "Required to provide Auth information")
        response.headers["WWW-Authenticate"] = 'BASIC realm="Service-now"'
        return response

    async def _authenticated(self, request: web.Request) -> web.Response:
        table, sys_id = request.match_info["table"], request.match_info.get("sys_id")
        if table not in TABLES:
            return failure(400, f"Invalid table {table}", None)
        record = self._book.get(table, sys_id) if sys_id else None
        if sys_id and record is None:
            detail = "Record doesn't exist or ACL restricts the record retrieval"
            return failure(404, "No Record found", detail)
        if request.method == "GET":
            return self._one(request, table, record) if record else self._many(request, table)
        if table in READ_ONLY:
            return failure(403, "Operation Failed", "ACL Exception: the table is read-only")
        if request.method == "DELETE":
            assert record is not None
            self._book.remove(table, record["sys_id"])
            self._book.write("servicenow", "deleted", {"number": record["number"]})
            return web.Response(status=204)
        try:
            change = json.loads(await request.text() or "{}")
            assert isinstance(change, dict)
        except (ValueError, AssertionError):
            detail = "The payload is not valid JSON"
            return failure(400, "Exception while reading request", detail)
        return self._write(request, record, {k: text(v) for k, v in change.items()})

    def _many(self, request: web.Request, table: str) -> web.Response:
        found = encoded_query.select(self._book.all(table), request.query.get("sysparm_query", ""))
        try:
            offset = int(request.query.get("sysparm_offset") or 0)
            limit = int(request.query.get("sysparm_limit") or 10000)
        except ValueError:
            return failure(400, "Invalid paging", "sysparm_limit and sysparm_offset are numbers")
        page = [self._shown(request, record) for record in found[offset : offset + limit]]
        return web.json_response({"result": page}, headers={"X-Total-Count": str(len(found))})

    def _one(self, request: web.Request, table: str, record: dict[str, str]) -> web.Response:
        return web.json_response({"result": self._shown(request, record)})

    def _write(
        self, request: web.Request, record: dict[str, str] | None, change: dict[str, str]
    ) -> web.Response:
        """Create or change an incident, with its journals."""
        new = record is None
        before = record or incident_table.empty(
            uuid.uuid4().hex, f"INC{10000 + self._book.next('incident'):07d}", self.user
        )
        after = incident_table.written(before, change, self.user)
        if complaint := incident_table.broken_policy(after):
            return failure(403, "Operation Failed", complaint)
        self._book.put("incident", after["sys_id"], after)
        for name in JOURNALS:
            if change.get(name):
                self._journal(after["sys_id"], name, change[name])
        self._book.write(
            "servicenow",
            "created" if new else "updated",
            {
                "number": after["number"],
                "correlation_id": after["correlation_id"],
                "change": change,
            },
        )
        where = f"{request.scheme}://{request.host}/api/now/table/incident/{after['sys_id']}"
        return web.json_response(
            {"result": self._shown(request, after)},
            status=201 if new else 200,
            headers={"Location": where} if new else {},
        )

    def _journal(self, sys_id: str, name: str, value: str) -> None:
        entry = {
            "sys_id": uuid.uuid4().hex,
            "name": "incident",
            "element": name,
            "element_id": sys_id,
            "value": value,
            "sys_created_on": incident_table.now(),
            "sys_created_by": self.user,
        }
        self._book.put("sys_journal_field", entry["sys_id"], entry)

    def journal(self, sys_id: str, name: str) -> list[dict[str, str]]:
        """The entries of one journal, oldest first."""
        entries = self._book.all("sys_journal_field")
        return [e for e in entries if e["element_id"] == sys_id and e["element"] == name]

    def incidents(self) -> list[dict[str, Any]]:
        """For the page: newest first, with display values, work notes and files."""
        files = self._book.all("sys_attachment")
        return [
            {
                **incident,
                "state_name": STATES.get(incident["state"], incident["state"]),
                "priority_name": CHOICES["priority"][incident["priority"]],
                "notes": self.journal(incident["sys_id"], "work_notes"),
                "files": [f for f in files if f["table_sys_id"] == incident["sys_id"]],
            }
            for incident in reversed(self._book.all("incident"))
        ]

    def _shown(self, request: web.Request, record: dict[str, str]) -> dict[str, Any]:
        """The record as the sysparm_ parameters ask for it."""
        names = [name for name in request.query.get("sysparm_fields", "").split(",") if name]
        names = [name for name in names or record if name in record]
        how = request.query.get("sysparm_display_value", "false").lower()
        bare = request.query.get("sysparm_exclude_reference_link", "false").lower() == "true"
        base = f"{request.scheme}://{request.host}/api/now/table"
        shown: dict[str, Any] = {}
        for name in names:
            value, display = record[name], self._display(record, name)
            if how == "all":
                shown[name] = {"value": value, "display_value": display}
            elif how == "true":
                shown[name] = display
            elif value and name in REFERENCES and not bare:
                shown[name] = {"link": f"{base}/{REFERENCES[name]}/{value}", "value": value}
            else:
                shown[name] = value
        return shown

    def _display(self, record: dict[str, str], name: str) -> str:
        """A choice's label; a journal's entries as one text, newest first; the value otherwise."""
        if name in JOURNALS and "number" in record:
            entries = reversed(self.journal(record["sys_id"], name))
            return "".join(
                f"{e['sys_created_on']} - {e['sys_created_by']} ({JOURNALS[name]})\n{e['value']}\n\n"
                for e in entries
            )
        return CHOICES.get(name, {}).get(record[name], record[name])


def text(value: Any) -> str:
    """Every column takes text."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def failure(status: int, message: str, detail: str | None) -> web.Response:
    """ServiceNow's way to say no."""
    body = {"error": {"message": message, "detail": detail}, "status": "failure"}
    return web.json_response(body, status=status)
