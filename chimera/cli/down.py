"""Stop the local stack."""

from __future__ import annotations

from chimera.cli.base.options import Home, Json
from chimera.cli.base.output import as_json, say


def command(home: Home = None, json: Json = False) -> None:
    """Stop the local stack and everything it started."""
    import asyncio

    from chimera.domain import NotFound, Unavailable
    from chimera.sandbox.stack.state import default_home, stop_running

    place = home or default_home()
    try:
        stopped = asyncio.run(stop_running(place))
    except TimeoutError as error:
        raise Unavailable(f"the stack of {place}", "stop within 30 s") from error
    if not stopped:
        raise NotFound(f"no stack runs from {place}")
    return as_json({"stopped": str(place)}) if json else say(f"stopped the stack of {place}")
