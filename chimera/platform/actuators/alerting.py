"""The hands of orders that change who hears of what: silences, in Chimera's own store."""

from __future__ import annotations

from datetime import UTC, datetime

from chimera.domain import (
    Effect,
    Matcher,
    NotFound,
    PreconditionFailed,
    Silence,
    TargetState,
)
from chimera.domain.orders import MARKED
from chimera.platform.store import Store


class AlertingHands:
    """An actuator (see `chimera.domain.ports.Actuator`) whose targets are silences."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def state(self, target: str) -> TargetState:
        """A silence; `exists` while it is neither lifted nor past."""
        try:
            silence = await self._store.silence(target)
        except NotFound:
            return TargetState(name=target, exists=False)
        return TargetState(
            name=target,
            exists=silence.ends > datetime.now(UTC),
            details={"lifted": str(silence.lifted is not None).lower()},
        )

    async def perform(self, effect: Effect) -> dict[str, str]:
        """Raises NotFound for a silence that is not there, PreconditionFailed for other verbs."""
        given, target = effect.arguments, effect.target
        if effect.verb == "lift_silence":
            now = datetime.now(UTC)
            by = given.get("by", "")
            done = await self._store.lift_silence(effect.key, effect.order_id, target, by, now)
        elif effect.verb == "silence" and "matcher" in given:
            silence = Silence(
                id=target,
                kind="maintenance" if given["kind"] == "maintenance" else "silence",
                matcher=Matcher.model_validate_json(given["matcher"]),
                since=datetime.fromisoformat(given["since"]),
                until=datetime.fromisoformat(given["until"]),
                by=given["by"],
                reason=given["reason"],
                order=effect.order_id.partition(MARKED)[0],
                learn=given["learn"] == "true",
            )
            done = await self._store.add_silence(effect.key, effect.order_id, silence)
        elif effect.verb == "silence":
            done = await self._store.restore_silence(effect.key, effect.order_id, target)
        else:
            raise PreconditionFailed(f"{effect.verb} changes no alerts; order {effect.order_id}")
        return {"silence": target} if done else {"fenced": "true"}

    async def fence(self, order_id: str) -> None:
        await self._store.fence_alerting(order_id)

    async def effects(self, order_id: str) -> dict[str, dict[str, str]]:
        done = await self._store.alerting_done(order_id)
        return {key: {"silence": silence} for key, silence in done.items()}
