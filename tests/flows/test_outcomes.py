"""Why an order was refused is a word of its own, also of what earlier releases stored."""

from __future__ import annotations

from typing import Any

import pytest

from chimera.domain import Decision, Outcome, Trust

AT = "2026-03-01T12:00:00Z"


def stored(**said: Any) -> Outcome:
    """As JSON from a store or a history: it knows no `refusal`."""
    return Outcome.model_validate({"order_id": "INC-1/1", "status": "refused", "at": AT} | said)


def decided(verdict: str) -> dict[str, Any]:
    return {"verdict": verdict, "reason": "r", "level": "ask"}


@pytest.mark.parametrize(
    ("said", "refusal", "final"),
    [
        ({"reason": "the worker was away"}, "undecided", True),
        ({"decision": decided("deny")}, "policy", True),
        ({"decision": decided("ask"), "reason": "nobody answered"}, "unanswered", True),
        (
            {"decision": decided("ask"), "denied_by": "ana", "reason": "ana denied it"},
            "denied",
            True,
        ),
        (
            {"decision": decided("ask"), "denied_by": "ana", "reason": "ana denied it: withdrawn"},
            "denied",
            True,
        ),
        ({"decision": decided("ask"), "reason": "withdrawn: it is over"}, "withdrawn", False),
        ({"decision": decided("ask"), "approved_by": "ana", "reason": "busy"}, "moment", False),
        ({"decision": decided("act"), "reason": "cooling down"}, "moment", False),
        ({"decision": decided("act"), "unfit": True, "reason": "no pool"}, "unfit", False),
    ],
)
def test_a_refusal_that_was_stored_in_words_is_read(
    said: dict[str, Any], refusal: str, final: bool
) -> None:
    outcome = stored(**said)
    assert (outcome.refusal, outcome.final) == (refusal, final)
    assert stored(**outcome.model_dump(mode="json")) == outcome


def test_no_words_change_a_refusal_that_is_named() -> None:
    decision = Decision(verdict="act", reason="r", level=Trust.ACT)
    outcome = stored(refusal="denied", reason="withdrawn: says the note", decision=decision)
    assert outcome.final
    assert stored(status="applied").refusal is None
