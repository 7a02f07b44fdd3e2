"""The state of everything, and the brake."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from chimera.api.means import Use, Who
from chimera.platform.store.records import Pause

router = APIRouter(tags=["control"])


class Brake(BaseModel):
    """Where; `*` is everywhere."""

    environment: str = Field("*", min_length=1, max_length=200)
    reason: str = Field("", max_length=2000)


@router.get("/status")
async def status(use: Use) -> dict[str, Any]:
    """What is open, what waits, what is paused."""
    return await use.desk.status()


@router.get("/whoami")
async def who_am_i(who: Who) -> dict[str, Any]:
    """Whose token this is."""
    return {"id": who.id, "name": who.name, "roles": list(who.roles)}


@router.get("/pauses")
async def pauses(use: Use) -> dict[str, Pause]:
    return await use.store.pauses()


@router.post("/pause")
async def pause(brake: Brake, use: Use, who: Who) -> dict[str, Pause]:
    """From now on no new change starts there."""
    await use.desk.pause(brake.environment, brake.reason, who)
    return await use.store.pauses()


@router.post("/resume")
async def resume(brake: Brake, use: Use, who: Who) -> dict[str, Pause]:
    """Changes may start again there."""
    await use.desk.resume(brake.environment, who)
    return await use.store.pauses()
