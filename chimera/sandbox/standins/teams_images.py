"""Pictures in cards: Teams fetches each from where it is and shows those that keep its limits."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
from aiohttp import web

from chimera.sandbox.standins.adaptive_card import cards, elements
from chimera.sandbox.standins.book import Book

BIGGEST = 1024 * 1024  # bytes
WIDEST = 1024  # pixels each way
SIGNATURES = {"image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8", "image/gif": b"GIF8"}
TIMEOUT = aiohttp.ClientTimeout(total=15)


class TeamsImages:
    """Nobody signs in for it: what it cannot fetch is a broken picture, which the ledger shows."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._fetching: set[asyncio.Task[None]] = set()

    def look(self, message: dict[str, Any]) -> None:
        """Fetch what a message shows, while the bot goes on."""
        for card in cards(message):
            for element in elements(card.get("body", [])):
                if element.get("type") == "Image" and str(element["url"]).startswith("http"):
                    task = asyncio.create_task(self._fetch(element))
                    self._fetching.add(task)
                    task.add_done_callback(self._fetching.discard)

    async def _fetch(self, element: dict[str, Any]) -> None:
        url, words = str(element["url"]), str(element.get("altText", ""))
        try:
            async with (
                aiohttp.ClientSession(timeout=TIMEOUT) as session,
                session.get(url) as answer,
            ):
                kind, content = answer.content_type, await answer.read()
                why = f"HTTP {answer.status}" if answer.status != 200 else broken(kind, content)
        except (TimeoutError, aiohttp.ClientError) as error:
            why, kind, content = f"{type(error).__name__}: {error}", "", b""
        seen = {"url": url, "altText": words, "type": kind, "bytes": len(content), "broken": why}
        self._book.write("teams", "picture", seen)

    async def stop(self, _: web.Application) -> None:
        for task in self._fetching:
            task.cancel()
        await asyncio.gather(*self._fetching, return_exceptions=True)


def broken(kind: str, content: bytes) -> str:
    """Why a picture is not shown; "" if it is."""
    if kind not in SIGNATURES or not content.startswith(SIGNATURES[kind]):
        return f"{kind} is no PNG, JPEG or GIF"
    if len(content) > BIGGEST:
        return f"larger than {BIGGEST} bytes"
    if kind == "image/png":
        wide, high = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
        if max(wide, high) > WIDEST:
            return f"{wide} x {high} is larger than {WIDEST} x {WIDEST} pixels"
    return ""
