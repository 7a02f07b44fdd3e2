"""What a check is, and how all of them are run."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx

from chimera.domain import ChimeraError, Misconfigured, NotFound, Unavailable
from chimera.platform.settings import Settings, load_settings

PATIENCE = 8.0  # seconds for one check


@dataclass(frozen=True)
class Result:
    """missing: not there, and Chimera does without it. misconfigured: it is meant to be there."""

    name: str
    state: Literal["ok", "missing", "misconfigured"]
    why: str
    remedy: str = ""


Look = Callable[[Settings], Awaitable[Result | list[Result]]]


@dataclass(frozen=True)
class Check:
    """One thing to look at. `place` orders the report."""

    name: str
    look: Look
    place: int = 50
    patience: float = PATIENCE

    async def run(self, settings: Settings) -> list[Result]:
        try:
            async with asyncio.timeout(self.patience):
                found = await self.look(settings)
        except TimeoutError:
            return [bad(self.name, f"no answer within {self.patience:.0f} s", "see that it runs")]
        except Misconfigured as error:
            return [bad(self.name, str(error))]
        except Unavailable as error:
            return [bad(self.name, str(error), "start it, or correct its address in chimera.toml")]
        except ChimeraError as error:
            return [bad(self.name, str(error))]
        except httpx.HTTPError as error:
            why = f"{where(error)}{str(error) or type(error).__name__}"
            return [bad(self.name, why, "start it, or correct its address in chimera.toml")]
        except Exception as error:  # one broken check must not hide the others
            return [bad(self.name, f"{type(error).__name__}: {error}")]
        return found if isinstance(found, list) else [found]


def where(error: httpx.HTTPError) -> str:
    try:
        return f"{error.request.url}: "
    except RuntimeError:  # it failed before there was a request
        return ""


def ok(name: str, why: str) -> Result:
    return Result(name, "ok", why)


def missing(name: str, why: str, remedy: str = "") -> Result:
    return Result(name, "missing", why, remedy)


def bad(name: str, why: str, remedy: str = "") -> Result:
    return Result(name, "misconfigured", why, remedy)


def http(token: str | None = None) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.AsyncClient(timeout=5.0, headers=headers, trust_env=False)


def settings_file(given: Path | None) -> Path | None:
    """The file to look at: the one given, or that of the stack that runs here."""
    from chimera.sandbox.stack.state import load_state

    if given is not None:
        return given
    state = load_state()
    return state.config if state is not None else None


async def examine(given: Path | None) -> list[Result]:
    """Run every check there is, at once; without readable settings there is nothing else to ask."""
    from chimera.cli import doctor
    from chimera.domain.discovery import discover
    from chimera.platform.settings import find_config

    path = find_config(settings_file(given))
    try:
        settings = load_settings(path)
    except (Misconfigured, NotFound) as error:
        return [bad("settings", str(error))]
    checks = sorted(discover(doctor, Check).values(), key=lambda check: (check.place, check.name))
    found = await asyncio.gather(*(check.run(settings) for check in checks))
    return [ok("settings", str(path)), *(result for results in found for result in results)]
