"""What customers see: pages made from orders, inventory and the dashboard."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from chimera.sandbox.estate.service import Route, Service


class Storefront(Service):
    """Four kinds of page; each needs its own work and one other service."""

    def routes(self) -> list[Route]:
        return [
            ("GET", "/browse", self.browse),
            ("POST", "/order", self.order),
            ("GET", "/stock", self.stock),
            ("GET", "/sales", self.sales),
        ]

    async def browse(self, _request: web.Request) -> Any:
        await self.replica.work()
        return await self.replica.call("orders", "/orders/recent")

    async def order(self, request: web.Request) -> Any:
        await self.replica.work()
        return await self.replica.call("orders", "/orders", await request.json())

    async def stock(self, _request: web.Request) -> Any:
        await self.replica.work()
        return await self.replica.call("inventory", "/stock")

    async def sales(self, _request: web.Request) -> Any:
        await self.replica.work()
        return await self.replica.call("dashboard", "/product")


SERVICE = Storefront
