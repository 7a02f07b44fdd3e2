"""The state file by which `chimera status`, `down` and the benches find a running stack."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from datetime import datetime
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import BaseModel, Field, ValidationError

from chimera.sandbox.stack.lock import is_running
from chimera.sandbox.stack.secrets import write_private

HOME_VARIABLE = "CHIMERA_HOME"


class StackState(BaseModel):
    """Where everything of a stack is. Holds tokens: the file is for its owner alone."""

    home: Path
    supervisor: int
    phase: Literal["starting", "running", "stopping"]
    started: datetime
    light: bool
    config: Path
    logs: Path
    urls: dict[str, str] = Field(default_factory=dict)
    ports: dict[str, int] = Field(default_factory=dict)
    pids: dict[str, int] = Field(default_factory=dict)
    tokens: dict[str, str] = Field(default_factory=dict, repr=False)


def default_home() -> Path:
    """$CHIMERA_HOME, or the user's state folder."""
    given = os.environ.get(HOME_VARIABLE)
    return Path(given) if given else Path(platformdirs.user_state_dir("chimera")) / "stack"


def write_state(state: StackState) -> None:
    """Write the state file, 0600."""
    write_private(state.home / "stack.json", state.model_dump_json(indent=2))


def load_state(home: Path | None = None) -> StackState | None:
    """The state of the stack that runs from `home` (or the default one); None if none runs."""
    home = home or default_home()
    if not is_running(home):
        return None
    try:
        state = StackState.model_validate_json((home / "stack.json").read_text())
        os.kill(state.supervisor, 0)  # else the file of one that was killed, and a new one starts
    except (OSError, ValidationError):
        return None
    return state


async def stop_running(home: Path | None = None, timeout: float = 30) -> bool:
    """Ask the running stack's supervisor to stop and wait for it; False if none was running.

    Raises:
        TimeoutError: it did not end within `timeout` seconds.
    """
    home = home or default_home()
    state = load_state(home)
    if state is None:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(state.supervisor, signal.SIGTERM)
    async with asyncio.timeout(timeout):
        while is_running(home):  # noqa: ASYNC110  another process's end raises no event here
            await asyncio.sleep(0.1)
    return True
