"""Pipeline, last step: serves the data product that people look at."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

from aiohttp import web

from chimera.sandbox.estate.service import Route, Service

PRODUCT = "sales_dashboard"


class Dashboard(Service):
    """Reads the newest forecast now and then; its age is the product's age."""

    async def open(self) -> None:
        self.product: dict[str, Any] = {"newest": time.time(), "demand": {}}
        meters = self.replica.meters
        freshness = meters.gauge(
            "dataset_freshness_seconds", "Age of the newest record in a dataset", "dataset"
        )
        freshness.labels(dataset=PRODUCT).set_function(
            lambda: time.time() - float(self.product["newest"])
        )
        self.rows = meters.gauge("dataset_rows", "Rows of the newest batch", "dataset")
        self.refresh()

    @property
    def source(self) -> Path:
        return self.replica.wiring.home / "data" / "forecast-0" / "demand_forecast" / "latest.json"

    def refresh(self) -> None:
        if self.source.exists():
            self.product = json.loads(self.source.read_text())
            self.rows.labels(dataset=PRODUCT).set(len(self.product["demand"]))

    async def run(self) -> None:
        while True:
            await asyncio.sleep(max(1.0, self.replica.setting("refresh_seconds", 5)))
            try:
                self.refresh()
            except (OSError, ValueError) as error:
                self.replica.log.error(f"the forecast cannot be read: {error}")

    def routes(self) -> list[Route]:
        return [("GET", "/product", self.show)]

    async def show(self, _request: web.Request) -> Any:
        await self.replica.work()
        return {"product": PRODUCT, **self.product}


SERVICE = Dashboard
