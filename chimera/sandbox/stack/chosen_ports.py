"""Which ports a stack uses: those that are asked for, those of its last start, or new ones."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path

from chimera.sandbox.stack.layout import PORT_NAMES
from chimera.sandbox.stack.ports import free_ports, is_free
from chimera.sandbox.stack.service import StartFailed


def choose_ports(home: Path, asked: Mapping[str, int], *, fresh: bool) -> dict[str, int]:
    """A port by name, kept in the home for the next start. `fresh`: none of the last start's.

    Raises:
        StartFailed: a port that was asked for is taken, or goes by a name that there is not.
    """
    for name, port in asked.items():
        if name not in PORT_NAMES:
            raise StartFailed(f"no port is called {name!r}; there are: {', '.join(PORT_NAMES)}")
        if not is_free(port):
            raise StartFailed(
                f"the port {port} asked for as {name!r} is taken; "
                "stop what uses it or ask for another"
            )
    file = home / "ports.json"
    last: dict[str, int] = {}
    if not fresh and file.exists():
        with contextlib.suppress(ValueError):
            last = json.loads(file.read_text())
    ports: dict[str, int] = {}
    chosen = iter(free_ports(len(PORT_NAMES)))
    for name in PORT_NAMES:
        kept = asked.get(name) or last.get(name)
        ports[name] = kept if kept and (name in asked or is_free(kept)) else next(chosen)
    file.write_text(json.dumps(ports))
    return ports
