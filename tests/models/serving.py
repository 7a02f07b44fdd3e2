"""A model's stand-in on a random port, and Chimera's own end of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from chimera.platform.models.model import LanguageModel
from chimera.platform.settings import Model
from chimera.platform.store.spending import Spending
from tests.standins.serving import SECRETS, StandIns, standins


class Server:
    """Stand-ins that also wrote down which model they were asked as."""

    def __init__(self, running: StandIns) -> None:
        self.running = running

    def access(self, name: str = "standin", key: str = SECRETS.model_key, **more: Any) -> Model:
        given: dict[str, Any] = {
            "url": f"{self.running.url}/model/v1",
            "name": name,
            "key": self.running.secret("model", key),
            **more,
        }
        return Model.model_validate(given)

    def model(self, store: Spending | None = None, **more: Any) -> LanguageModel:
        return LanguageModel(self.access(**more), store)

    async def says(self, *lines: dict[str, Any], forever: bool = False) -> None:
        """What the model answers from now on."""
        status, answer = await self.running.post("/model/script", lines=lines, forever=forever)
        assert status == 200, answer

    async def requests(self) -> list[dict[str, Any]]:
        return [line["body"] for line in await self.running.ledger("model", "request")]


@asynccontextmanager
async def server(folder: Path) -> AsyncIterator[Server]:
    async with standins(folder) as running:
        yield Server(running)
