"""The local stack: everything Chimera needs to run on one machine, started and supervised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chimera.sandbox.stack.lock import is_running
from chimera.sandbox.stack.state import StackState, default_home, load_state, stop_running

if TYPE_CHECKING:
    from chimera.sandbox.stack.service import PortInUse, StartFailed
    from chimera.sandbox.stack.stack import Stack, StackRunning

__all__ = [
    "PortInUse",
    "Stack",
    "StackRunning",
    "StackState",
    "StartFailed",
    "default_home",
    "is_running",
    "load_state",
    "stop_running",
]


def __getattr__(name: str) -> Any:
    # Commands that only look for a running stack must not wait for what starting one needs.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from chimera.sandbox.stack import service, stack

    return getattr(stack, name, None) or getattr(service, name)
