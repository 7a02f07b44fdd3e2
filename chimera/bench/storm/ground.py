"""What the storm falls on: the API and the worker as `chimera up` runs them, with what they stand on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from chimera.platform.settings import load_settings
from chimera.platform.store import Store
from chimera.sandbox.programs import postgres, prometheus, temporal
from chimera.sandbox.programs.base import Say
from chimera.sandbox.stack import configuration, secrets
from chimera.sandbox.stack.child import Child
from chimera.sandbox.stack.homes import prepare_home
from chimera.sandbox.stack.layout import PORT_NAMES, Layout
from chimera.sandbox.stack.ports import free_ports
from chimera.sandbox.stack.services import Programs, all_services

LEFT_OUT = ("estate",)  # the practice company: its place on the machine is the storm's


@dataclass(frozen=True)
class Ground:
    """Where to send what, and the store in which it must end."""

    api: str
    standins: str
    alertmanager_token: str
    slack_secret: str
    store: Store


@asynccontextmanager
async def ground(home: Path, light: bool, say: Say) -> AsyncIterator[Ground]:
    """Everything started, ready, and stopped at the end. Raises StartFailed, ProgramMissing."""
    prepare_home(home)
    programs = Programs(
        temporal=await temporal.find(say),
        prometheus=await prometheus.find(prometheus.PROMETHEUS, say),
        alertmanager=None,
        postgres=None if light else await postgres.find(say),
    )
    ports = dict(zip(PORT_NAMES, free_ports(len(PORT_NAMES)), strict=True))
    layout = Layout(home, ports, secrets.load_or_make(home / "secrets"), light=light)
    layout.logs.mkdir(exist_ok=True)
    configuration.write(layout)
    async with AsyncExitStack() as stack:
        for service in await all_services(layout, programs, say):
            if service.name in LEFT_OUT:
                continue
            child = Child(service, layout.log_of(service.name), say)
            say(f"starting {service.name}")
            await child.start()
            stack.push_async_callback(child.stop)
        store = await Store.open(load_settings(layout.config).store.url)
        stack.push_async_callback(store.close)
        yield Ground(
            api=layout.url("api"),
            standins=layout.url("standins"),
            alertmanager_token=layout.secrets["alertmanager"],
            slack_secret=layout.secrets["slack-signing"],
            store=store,
        )
