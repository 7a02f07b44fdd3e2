"""The hands that the settings give Chimera; none at all if they give none."""

from __future__ import annotations

from chimera.domain import Actuator, Effect, PreconditionFailed, TargetState
from chimera.platform.settings import Settings

NONE = (
    "Chimera has no hands here: no [actuator] is configured. It only watches; "
    "set actuator.url and actuator.token to let it repair"
)


class NoHands:
    """Watching only: every change is refused."""

    async def state(self, target: str) -> TargetState:
        raise PreconditionFailed(NONE)

    async def perform(self, effect: Effect) -> dict[str, str]:
        raise PreconditionFailed(NONE)

    async def fence(self, order_id: str) -> None:
        return None

    async def effects(self, order_id: str) -> dict[str, dict[str, str]]:
        return {}


def actuator_for(settings: Settings) -> Actuator:
    if settings.actuator is None:
        return NoHands()
    from chimera.platform.actuators.processes import ProcessActuator

    return ProcessActuator(settings.actuator.url, settings.actuator.token.reveal())
