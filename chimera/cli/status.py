"""What runs, what is open, what waits, what is paused."""

from __future__ import annotations

from typing import Any

from chimera.cli.base.options import Json, Url
from chimera.cli.base.output import as_json, brakes, fields, hushes, say


def command(url: Url = None, json: Json = False) -> None:
    """Say what runs, what is open, what waits and what is paused."""
    from chimera.cli.base.connection import connect
    from chimera.sandbox.stack.state import load_state

    found = connect(url).get("/status")
    state = None if url else load_state()
    if state is not None:
        stack = state.model_dump(mode="json", include={"home", "phase", "urls", "pids", "logs"})
        found = {**found, "stack": stack}
    return as_json(found) if json else plainly(found)


def plainly(found: dict[str, Any]) -> None:
    brakes(found["paused"])
    hushes(found.get("hushed", ()))
    fields(
        (
            ("environment", found["environment"]),
            ("open incidents", len(found["open_incidents"])),
            ("orders that wait", found["waiting_orders"]),
            ("orders under way", found["running_orders"]),
        )
    )
    for incident in found["open_incidents"]:
        level = incident.get("priority") or "--"
        say(f"  {incident['id']}  {level}  {incident['phase']:<13}  {incident['title']}")
        for mark in incident.get("marks", ()):
            say(f"      {mark}")
    stack = found.get("stack", {})
    if stack:
        fields((("stack", f"{stack['phase']}, {stack['home']}"), ("logs", stack["logs"])))
    for name, address in stack.get("urls", {}).items():
        say(f"  {name:<16} {address}")
