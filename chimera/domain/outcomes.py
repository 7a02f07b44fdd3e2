"""How an order ended, and who or what said no."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import model_validator

from chimera.domain.base import Value
from chimera.domain.orders import Decision

# policy: it denies. denied: a person does. unanswered: nobody said anything in time. undecided: it
# ended before it was allowed. withdrawn: nobody needed it any more. unfit: the runbook does not
# apply to what it found. moment: allowed, and not possible just now (busy, paused, blind).
Refusal = Literal["policy", "denied", "unanswered", "undecided", "withdrawn", "unfit", "moment"]


class Outcome(Value):
    """How an order ended.

    applied: changed and proved. refused: nothing was changed. rolled_back: changed, did not help,
    undone. failed: changed, did not help, and no way back, or the way back failed: page.
    unverified: changed, and no data to tell: page. proposed: what would have been done, in
    observe and advise.
    """

    order_id: str
    status: Literal["applied", "refused", "rolled_back", "failed", "unverified", "proposed"]
    reason: str = ""  # for people; nothing is decided by it
    refusal: Refusal | None = None  # of what was refused
    at: datetime
    decision: Decision | None = None
    approved_by: str | None = None
    denied_by: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _told_in_words_alone(cls, given: Any) -> Any:
        """What an earlier release wrote, which knew the refusal from its words and its decision."""
        if isinstance(given, dict) and given.get("status") == "refused":
            return {**given, "refusal": given.get("refusal") or read_refusal(given)}
        return given

    @property
    def unfit(self) -> bool:
        """The runbook does not apply there; another may."""
        return self.refusal == "unfit"

    @property
    def final(self) -> bool:
        """It was not allowed, which the next moment does not change."""
        return self.refusal in ("policy", "denied", "unanswered", "undecided")

    @property
    def needs_person(self) -> bool:
        return self.status in ("failed", "unverified")


def read_refusal(given: dict[str, Any]) -> Refusal:
    """Why an order was refused, as stored outcomes without `refusal` tell it."""
    reason, decision = str(given.get("reason", "")), given.get("decision")
    verdict = decision.get("verdict") if isinstance(decision, dict) else None
    verdict = decision.verdict if isinstance(decision, Decision) else verdict
    if given.get("unfit"):
        return "unfit"
    if reason.startswith("withdrawn: "):
        return "withdrawn"
    if given.get("denied_by"):
        return "denied"
    if verdict in (None, "deny"):
        return "policy" if verdict else "undecided"
    return "unanswered" if verdict == "ask" and not given.get("approved_by") else "moment"
