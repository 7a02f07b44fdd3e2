"""The bank: outside of Panther Retail, nothing of ours to repair."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from chimera.sandbox.estate.credentials import check
from chimera.sandbox.estate.service import Route, Service


class Bank(Service):
    def routes(self) -> list[Route]:
        return [("POST", "/transfers", self.transfer)]

    async def transfer(self, request: web.Request) -> Any:
        check(request, self.replica)
        asked = await request.json()
        await self.replica.work()
        return {"transferred": asked["amount"]}


SERVICE = Bank
