"""Runbooks: look, run, or see what a run would do."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from chimera.api.means import Use, Who
from chimera.domain import NotFound, Order, Plan, RunbookCard

router = APIRouter(tags=["runbooks"])


class Run(BaseModel):
    """A wish to run a runbook. Without a target, its parameters name it."""

    parameters: dict[str, str] = Field(default_factory=dict)
    target: str = ""
    reason: str = Field(min_length=1, max_length=2000)
    dry_run: bool = False


class Asked(BaseModel):
    """The order that was placed, or, in a dry run, the plan that it would have had."""

    order: Order | None = None
    plan: Plan | None = None


@router.get("/runbooks")
async def list_runbooks(use: Use) -> list[RunbookCard]:
    return [use.cards[name] for name in sorted(use.cards)]


@router.get("/runbooks/{name}")
async def show_runbook(name: str, use: Use) -> RunbookCard:
    if name not in use.cards:
        raise NotFound(f"there is no runbook {name!r}; there are {', '.join(sorted(use.cards))}")
    return use.cards[name]


@router.post("/runbooks/{name}/run")
async def run_runbook(name: str, run: Run, use: Use, who: Who) -> Asked:
    """Place an order for a runbook; policy and perhaps another person decide about it."""
    card = await show_runbook(name, use)
    made = await use.desk.run_runbook(
        name, run.parameters, run.target or card.target_of(run.parameters), run.reason, who,
        run.dry_run,
    )  # fmt: skip
    return Asked(plan=made) if isinstance(made, Plan) else Asked(order=made)
