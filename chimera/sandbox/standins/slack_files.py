"""Slack's three steps to share a file: an address, the bytes, and where to show it."""

from __future__ import annotations

import json
import secrets
from base64 import b64decode, b64encode
from typing import Any

from aiohttp import web

from chimera.sandbox.standins.book import Book
from chimera.sandbox.standins.workspace import (
    BOT_USER,
    SlackError,
    Workspace,
)

LARGEST = 1024**3  # bytes of a file; an alternative text has a limit of its own
ALT_TEXT = 1000
MEDIA = {"png": "image/png", "svg": "image/svg+xml", "txt": "text/plain"}


class SlackFiles:
    """Files live in the Book: offered, uploaded, shared."""

    def __init__(self, book: Book, workspace: Workspace) -> None:
        self._book = book
        self._workspace = workspace

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/slack/upload/v1/{ticket}", self.take),
            web.get("/slack/files/{file}", self.show),
        ]

    def offer(self, arguments: dict[str, Any], request: web.Request) -> dict[str, Any]:
        """files.getUploadURLExternal"""
        needs_form(request)
        name, length = str(arguments.get("filename") or ""), str(arguments.get("length") or "")
        missing = [n for n, v in (("filename", name), ("length", length)) if not v]
        if missing:
            raise invalid(*(f"missing required field: {field}" for field in missing))
        if not length.isdigit() or not 0 < int(length) <= LARGEST:
            raise invalid(f"must be between 1 and {LARGEST} [json-pointer:/length]")
        if len(str(arguments.get("alt_txt") or "")) > ALT_TEXT:
            raise invalid(f"must be less than {ALT_TEXT + 1} characters [json-pointer:/alt_txt]")
        file = f"F{self._book.next('slack_file'):010d}"
        offered = {
            "id": file,
            "name": name,
            "length": int(length),
            "alt_txt": str(arguments.get("alt_txt") or ""),
            "ticket": secrets.token_urlsafe(16),
            "content": None,
        }
        self._book.put("slack_file", file, offered)
        url = f"{request.scheme}://{request.host}/slack/upload/v1/{file}.{offered['ticket']}"
        return {"upload_url": url, "file_id": file}

    async def take(self, request: web.Request) -> web.Response:
        """The bytes, raw or as a form's one file; the address itself is the permission."""
        file, _, ticket = request.match_info["ticket"].partition(".")
        offered = self._book.get("slack_file", file)
        if offered is None or offered["ticket"] != ticket:
            return web.Response(status=404, text="not found")
        content = await request.read()
        if request.content_type == "multipart/form-data":
            fields = [f for f in (await request.post()).values() if isinstance(f, web.FileField)]
            content = fields[0].file.read() if fields else b""
        if len(content) != offered["length"]:
            said = f"expected {offered['length']} bytes, got {len(content)}"
            return web.Response(status=400, text=said)
        self._book.put("slack_file", file, {**offered, "content": b64encode(content).decode()})
        self._book.write("slack", "uploaded", {"file": file, "bytes": len(content)})
        return web.Response(text=f"OK - {len(content)}")

    def complete(self, arguments: dict[str, Any], request: web.Request) -> dict[str, Any]:
        """files.completeUploadExternal: shows the files as one message."""
        needs_form(request)
        try:
            wanted = json.loads(str(arguments.get("files") or ""))
            names = [(str(one["id"]), str(one.get("title") or "")) for one in wanted]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise invalid("must be a list of files with an id [json-pointer:/files]") from error
        if not names:
            raise invalid("must have at least 1 item [json-pointer:/files]")
        files = []
        for file, title in names:
            there = self._book.get("slack_file", file)
            if there is None or there["content"] is None:
                raise SlackError("file_not_found")
            files.append(self._described(there, title, request))
        if arguments.get("channel_id"):
            self._share(arguments, files)
        return {"files": [{"id": f["id"], "title": f["title"]} for f in files]}

    def _share(self, arguments: dict[str, Any], files: list[dict[str, Any]]) -> None:
        channel = self._workspace.channel(str(arguments["channel_id"]))
        thread_ts = str(arguments.get("thread_ts") or "")
        said = {
            "text": str(arguments.get("initial_comment") or ""),
            "files": files,
            "upload": True,
        }
        message = self._workspace.post(channel, thread_ts, said)
        self._book.write("slack", "shared", {"channel": channel, "message": message})

    def _described(self, file: dict[str, Any], title: str, request: web.Request) -> dict[str, Any]:
        kind = file["name"].rpartition(".")[2].lower()
        return {
            "id": file["id"],
            "name": file["name"],
            "title": title or file["name"],
            "mimetype": MEDIA.get(kind, "application/octet-stream"),
            "filetype": kind,
            "user": BOT_USER,
            "size": file["length"],
            "alt_txt": file["alt_txt"],
            "url_private": f"{request.scheme}://{request.host}/slack/files/{file['id']}",
        }

    async def show(self, request: web.Request) -> web.Response:
        """For the page."""
        file = self._book.get("slack_file", request.match_info["file"])
        if file is None or file["content"] is None:
            raise web.HTTPNotFound
        kind = MEDIA.get(file["name"].rpartition(".")[2].lower(), "application/octet-stream")
        return web.Response(
            body=b64decode(file["content"]),
            content_type=kind,
            headers={"Content-Security-Policy": "sandbox"},
        )


def needs_form(request: web.Request) -> None:
    """Both methods read a form or the query; of JSON they see nothing."""
    if request.content_type == "application/json" and not request.query:
        raise invalid("missing required field")


def invalid(*said: str) -> SlackError:
    messages = [f"[ERROR] {line}" for line in said]
    return SlackError("invalid_arguments", response_metadata={"messages": messages})
