"""One address with one model, and the purse that all dialogues with it share."""

from __future__ import annotations

import httpx
from langchain_openai import ChatOpenAI

from chimera.platform.models.budget import Budget
from chimera.platform.models.client import client, host, transport
from chimera.platform.models.dialogue import Dialogue, Hear
from chimera.platform.models.manners import Manners
from chimera.platform.settings import Model as Access
from chimera.platform.store.spending import Spending


class LanguageModel:
    """One address with one model; made once a process, shared by all dialogues."""

    def __init__(self, access: Access, store: Spending | None = None) -> None:
        self.access = access
        self.budget = Budget(access, store)
        self.manners = Manners.of(access)
        self.where = host(access)
        self._http: httpx.AsyncClient | None = None
        self._clients: dict[object, ChatOpenAI] = {}

    def dialogue(
        self, account: str, purpose: str, prompt: str, seconds: float, hear: Hear | None = None
    ) -> Dialogue:
        """Requests that belong together: one chat answer, or one step of an investigation.

        `account` is the conversation whose budget they use, `prompt` the version of what the model
        is told, `seconds` what all of them may take, from the first one on.
        """
        return Dialogue(self, account, purpose, prompt, seconds, hear)

    def client(self) -> ChatOpenAI:
        """For the manners of now."""
        if self._http is None:
            self._http = transport(self.access)
        key = self.manners.key
        if key not in self._clients:
            self._clients[key] = client(self.access, self.manners, self._http)
        return self._clients[key]

    async def close(self) -> None:
        await self.budget.close()
        if self._http is not None:
            await self._http.aclose()
        self._http, self._clients = None, {}
