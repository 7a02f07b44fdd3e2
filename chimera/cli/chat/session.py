"""One person's conversation in the terminal: who they are says the API, from their token."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chimera.agents.reasoning.chatting import chatting
from chimera.cli.base.connection import Connection
from chimera.cli.base.output import as_json, say
from chimera.cli.chat.door import ApiDoor
from chimera.cli.chat.show import show
from chimera.cli.chat.words import Words
from chimera.domain import Estate, Principal, RunbookCard
from chimera.flows.conversation import Conversation
from chimera.platform.access import Datasets, MetricNames
from chimera.platform.catalog.estate import load_estate
from chimera.platform.catalog.shelf import Shelf
from chimera.platform.governance.audit_trail import Trail
from chimera.platform.governance.outbound import Outbound
from chimera.platform.identity.signing import Signer
from chimera.platform.observability import Changes, LogFiles, Prometheus, Window
from chimera.platform.settings import Settings, load_settings
from chimera.platform.store import Store

if TYPE_CHECKING:
    from chimera.platform.models.model import LanguageModel

ENDS = ("exit", "quit", ":q")


def settings_of(config: Path | None) -> Settings:
    """The settings given, or those of the local stack that runs."""
    import os

    from chimera.platform.settings import CONFIG_VARIABLE
    from chimera.sandbox.stack.state import load_state

    state = load_state()
    if config is None and CONFIG_VARIABLE not in os.environ and state is not None:
        return load_settings(state.config)
    return load_settings(config)


class Session:
    """Reads lines and prints answers; its thread is kept in Chimera's own folder."""

    def __init__(self, api: Connection, settings: Settings, data: Path | None, thread: str) -> None:
        self._api, self._settings, self._data = api, settings, data
        self._thread = thread
        self._words = Words(Outbound.of(settings))

    async def run(self, question: str | None, forget: bool, json: bool) -> None:
        """One question, or a conversation until the end of the input."""
        said = await asyncio.to_thread(self._api.get, "/whoami")
        who = Principal(
            id=said["id"], name=said["name"], roles=tuple(said["roles"]), via="terminal"
        )
        store = await Store.open(self._settings.store.url)
        if key := self._settings.identity.signing_key:
            store.seal_audit(Signer(key.reveal()).seal)
        model = self._model(store)
        try:
            services = await self._services(store)
            file = self._settings.home / "chat.db"
            self._words = Words(Outbound.of(self._settings, services[Estate]))
            talks = chatting(model, self._words.hear) if model else None
            door = ApiDoor(self._api)
            async with Conversation.open(file, services, door, talks) as conversation:
                thread = f"terminal/{who.id}/{self._thread}"
                if forget:
                    await conversation.forget(thread)
                if question is not None:
                    return await self._ask(conversation, thread, question, who, json)
                await self._talk(conversation, thread, who, json)
        finally:
            if model is not None:
                await model.close()
            await store.close()

    def _model(self, store: Store) -> LanguageModel | None:
        if self._settings.model is None:
            return None
        from chimera.platform.models.model import LanguageModel

        return LanguageModel(self._settings.model, store)

    async def _talk(
        self, conversation: Conversation, thread: str, who: Principal, json: bool
    ) -> None:
        lines = sys.stdin.isatty()
        if lines:
            with contextlib.suppress(ImportError):
                import readline  # noqa: F401  # arrow keys and the lines before
            say(f"You are {who.name or who.id}. `help` shows what can be asked; `exit` ends.")
        while True:
            try:
                text = await asyncio.to_thread(input, "> " if lines else "")
            except EOFError:
                return
            if text.strip().lower() in ENDS:
                return
            if text.strip() == "history":
                for one in await conversation.history(thread):
                    say(f"{one['at'][11:19]} {one['who']}: {one['text']}")
            elif text.strip():
                await self._ask(conversation, thread, text, who, json)

    async def _ask(
        self, conversation: Conversation, thread: str, text: str, who: Principal, json: bool
    ) -> None:
        try:
            reply = await conversation.say(thread, text, who)
        finally:
            self._words.wipe()
        if json:
            as_json(reply.model_dump(mode="json"))
        else:
            show(reply)

    async def _services(self, store: Store) -> dict[type, Any]:
        given = self._settings.prometheus
        headers = {"Authorization": f"Bearer {given.token.reveal()}"} if given.token else None
        reader = Prometheus(
            given.url, public_url=given.public_url, headers=headers, timeout=given.timeout
        )
        step = timedelta(seconds=given.scrape_interval)
        cards = await asyncio.to_thread(self._api.get, "/runbooks")
        services: dict[type, Any] = {
            Prometheus: reader,
            MetricNames: MetricNames(given.url, headers=headers, timeout=given.timeout),
            Window: Window(
                reader, self._settings.watch, step=step, history=timedelta(seconds=given.history)
            ),
            Changes: Changes(
                reader,
                self._settings.changes,
                service_label=self._settings.service_label,
                step=step,
            ),
            Store: store,
            Trail: Trail(store.audit),
            Settings: self._settings,
            Estate: Estate(environment=self._settings.environment),
            Shelf: Shelf(RunbookCard.model_validate(card) for card in cards),
        }
        if self._settings.estate.file:
            services[Estate] = load_estate(self._settings.estate.file)
        if self._settings.logs.directory:
            services[LogFiles] = LogFiles(self._settings.logs.directory)
        if data := self._data or self._settings.data.directory:
            services[Datasets] = Datasets(data)
        return services
