"""What Chimera watches and changes: the estate file and the actuator."""

from __future__ import annotations

from chimera.cli.doctor.check import Check, Result, bad, http, missing, ok
from chimera.platform.catalog.estate import load_estate
from chimera.platform.settings import Settings


async def look_at_estate(settings: Settings) -> Result:
    if settings.estate.file is None:
        return missing(
            "estate", "the topology is not known; causes are ranked without it",
            "describe services and datasets in an estate.yaml and set estate.file",
        )  # fmt: skip
    estate = load_estate(settings.estate.file)
    if estate.environment != settings.environment:
        return bad(
            "estate",
            f"it describes {estate.environment!r}, the settings are for {settings.environment!r}",
            "give `environment` the same value in both",
        )
    return ok("estate", f"{estate.name}: {len(estate.nodes)} nodes in {estate.environment}")


async def look_at_actuator(settings: Settings) -> Result:
    actuator = settings.actuator
    if actuator is None:
        return missing(
            "actuator", "nothing can be changed: Chimera only looks",
            "add an [actuator] section when Chimera may repair",
        )  # fmt: skip
    async with http(actuator.token.reveal()) as client:
        reply = await client.get(f"{actuator.url.rstrip('/')}/targets")
    if reply.status_code in (401, 403):
        return bad("actuator", "it does not accept the token", "correct actuator.token")
    if reply.status_code != 200:
        return bad("actuator", f"{actuator.url} answered {reply.status_code}", "look at its log")
    return ok("actuator", f"{len(reply.json())} targets at {actuator.url}")


estate = Check("estate", look_at_estate, 30)
actuator = Check("actuator", look_at_actuator, 32)
