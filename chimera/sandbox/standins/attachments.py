"""ServiceNow's Attachment API: files beside records, as far as a client can tell."""

from __future__ import annotations

import uuid
from base64 import b64decode, b64encode

from aiohttp import web

from chimera.sandbox.standins import encoded_query, incident_table
from chimera.sandbox.standins.book import Book
from chimera.sandbox.standins.servicenow import ServiceNow, failure

LARGEST = 2 * 1024**2  # bytes; an instance has com.glide.attachment.max_size, 1,024 MB as shipped
ALLOWED = frozenset(
    {"png", "jpg", "gif", "svg", "txt", "csv", "pdf"}
)  # glide.attachment.extensions
TABLE = "sys_attachment"
WANTED = ("table_name", "table_sys_id", "file_name")


class Attachments:
    """Behind the sign-in of the instance; files live in its Book."""

    def __init__(self, book: Book, servicenow: ServiceNow) -> None:
        self._book = book
        self._servicenow = servicenow

    def routes(self) -> list[web.RouteDef]:
        here = "/api/now/attachment"
        return [
            web.post(f"{here}/file", self.upload),
            web.get(here, self.many),
            web.get(f"{here}/{{sys_id}}", self.one),
            web.get(f"{here}/{{sys_id}}/file", self.file),
            web.get("/sys_attachment.do", self.picture),
        ]

    async def upload(self, request: web.Request) -> web.Response:
        """POST /file: the body is the file, its Content-Type is kept, the query says where it goes."""
        if refused := self._servicenow.refusal(request):
            return refused
        query = request.query
        if missing := [name for name in WANTED if not query.get(name)]:
            return failure(400, "Bad Request", f"Missing parameter: {', '.join(missing)}")
        if query["table_name"] != "incident":
            return failure(400, f"Invalid table {query['table_name']}", None)
        if self._book.get("incident", query["table_sys_id"]) is None:
            detail = "Record doesn't exist or ACL restricts the record retrieval"
            return failure(404, "No Record found", detail)
        if query["file_name"].rpartition(".")[2].lower() not in ALLOWED:
            return failure(403, "Operation Failed", "The file's extension is not allowed")
        content = await request.read()
        if not content:
            return failure(400, "Bad Request", "The file is empty")
        if len(content) > LARGEST:
            return failure(413, "Request Entity Too Large", f"The maximum is {LARGEST} bytes")
        entry = {
            "sys_id": uuid.uuid4().hex,
            **{name: query[name] for name in WANTED},
            "content_type": request.headers.get("Content-Type", "application/octet-stream"),
            "size_bytes": str(len(content)),
            "sys_created_on": incident_table.now(),
            "sys_created_by": self._servicenow.user,
        }
        link = f"{request.scheme}://{request.host}/api/now/attachment/{entry['sys_id']}"
        entry["download_link"] = f"{link}/file"
        self._book.put(TABLE, entry["sys_id"], entry)
        self._book.put("attached", entry["sys_id"], {"content": b64encode(content).decode()})
        self._book.write("servicenow", "attached", entry)
        headers = {"Location": link}
        return web.json_response({"result": entry}, status=201, headers=headers)

    async def many(self, request: web.Request) -> web.Response:
        if refused := self._servicenow.refusal(request):
            return refused
        query = request.query.get("sysparm_query", "")
        found = encoded_query.select(self._book.all(TABLE), query)
        try:
            offset = int(request.query.get("sysparm_offset") or 0)
            limit = int(request.query.get("sysparm_limit") or 1000)
        except ValueError:
            return failure(400, "Invalid paging", "sysparm_limit and sysparm_offset are numbers")
        headers = {"X-Total-Count": str(len(found))}
        return web.json_response({"result": found[offset : offset + limit]}, headers=headers)

    async def one(self, request: web.Request) -> web.Response:
        if refused := self._servicenow.refusal(request):
            return refused
        entry = self._book.get(TABLE, request.match_info["sys_id"])
        return (
            web.json_response({"result": entry}) if entry else failure(404, "No Record found", None)
        )

    async def file(self, request: web.Request) -> web.Response:
        """The file itself."""
        if refused := self._servicenow.refusal(request):
            return refused
        return self._file(request.match_info["sys_id"])

    async def picture(self, request: web.Request) -> web.Response:
        """Where a form shows its attachments from: for the page, which knows no sign-in."""
        return self._file(request.query.get("sys_id", ""))

    def _file(self, sys_id: str) -> web.Response:
        entry, kept = self._book.get(TABLE, sys_id), self._book.get("attached", sys_id)
        if entry is None or kept is None:
            return failure(404, "No Record found", None)
        return web.Response(
            body=b64decode(kept["content"]),
            headers={"Content-Type": entry["content_type"], "Content-Security-Policy": "sandbox"},
        )
