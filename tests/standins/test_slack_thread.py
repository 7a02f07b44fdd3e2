"""What the thread shows of approvals and of the incident's state, whatever comes when."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from chimera.bots.slack import SlackChannel
from chimera.domain import Notice
from tests.standins.serving import MemoryNotes, StandIns, standins

BEGAN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def notice(kind: Any, minute: int, **more: Any) -> Notice:
    said: dict[str, Any] = {"title": f"{kind} {minute}", "text": "text"}
    return Notice(
        id=f"INC-1-{minute}-{kind}",
        incident="INC-1",
        kind=kind,
        at=BEGAN + timedelta(minutes=minute),
        **said | more,
    )


def approval(order: str, minute: int, plan: str = "p") -> Notice:
    return notice("approval", minute, order_id=order, plan_hash=plan, phase="waiting")


def channel(served: StandIns) -> SlackChannel:
    section = served.settings().slack
    assert section
    return SlackChannel(section, MemoryNotes())


async def shown(served: StandIns) -> list[dict[str, Any]]:
    """The messages as they are now: each post with its last edit."""
    messages: dict[str, dict[str, Any]] = {}
    for line in await served.ledger("slack"):
        if line["event"] in ("posted", "updated"):
            messages[line["body"]["message"]["ts"]] = line["body"]["message"]
    return list(messages.values())


async def offered(served: StandIns) -> list[str]:
    """The orders that have buttons just now, as `order plan`."""
    orders = []
    for message in await shown(served):
        for block in message["blocks"]:
            if block["type"] == "actions":
                values = [json.loads(button["value"]) for button in block["elements"]]
                assert len(values) == 2
                orders.append(f"{values[0]['order']} {values[0]['plan']}")
    return orders


async def test_buttons_stay_until_their_own_order_is_over(tmp_path: Path) -> None:
    async with standins(tmp_path) as served:
        slack = channel(served)
        await slack.send(notice("opened", 0))
        await slack.send(approval("INC-1/1", 2))
        await slack.send(notice("update", 3))
        assert await offered(served) == ["INC-1/1 p"]
        await slack.send(notice("outcome", 4))
        assert await offered(served) == []
        await slack.send(approval("INC-1/2", 6))
        await slack.send(notice("outcome", 5, title="late news of the first"))
        await slack.send(notice("update", 7, order_id="INC-1/1"))
        assert await offered(served) == ["INC-1/2 p"]
        await slack.send(approval("INC-1/2", 8, plan="changed"))
        assert await offered(served) == ["INC-1/2 p", "INC-1/2 changed"]
        await slack.send(notice("update", 9, order_id="INC-1/2", title="Denied by bob"))
        assert await offered(served) == []
        await slack.send(approval("INC-1/3", 10))
        await slack.send(notice("resolved", 11))
        assert await offered(served) == []


async def test_a_question_changes_the_heads_phase_alone(tmp_path: Path) -> None:
    async with standins(tmp_path) as served:
        slack = channel(served)
        cause = {"cause": "release 2.4.1"}
        await slack.send(notice("opened", 0, severity="page", phase="open", title="slow"))
        await slack.send(notice("update", 1, phase="repairing", fields=cause, severity="page"))
        await slack.send(
            approval("INC-1/1", 2).model_copy(update={"fields": {"Risk": "high"}, "text": "Do it?"})
        )
        head = str((await shown(served))[0]["blocks"])
        assert all(words in head for words in ("INC-1: slow", "*waiting* · page", "release 2.4.1"))
        assert not any(words in head for words in ("Risk", "Do it?"))
