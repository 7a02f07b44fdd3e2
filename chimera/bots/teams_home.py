"""How things stand, as a card: what is open, what is paused, what waits for approval, with buttons."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from chimera.bots.inbound import WhoIs, is_stranger, stranger
from chimera.bots.standing import PAUSE, REFRESH, RESUME, RUN, SHOWN, Desk, Orders, Standing
from chimera.bots.teams_cards import LAMPS, answering
from chimera.bots.teams_elements import (
    Card,
    Element,
    button,
    card,
    choices,
    line,
    opens,
    run,
    text,
)
from chimera.domain import ChimeraError, Principal
from chimera.flows.conversation.proposing import planned
from chimera.platform.governance.outbound import Outbound
from chimera.platform.store import OrderRecord

TITLE = "How things stand"


class Home:
    """Drawn for whoever asks; somebody who is not in people.toml is told how to get in."""

    def __init__(self, desk: Desk, orders: Orders, who_is: WhoIs, outbound: Outbound) -> None:
        self._desk = desk
        self._orders = orders
        self._who_is = who_is
        self._outbound = outbound

    async def drawn(self, team: str, user: str, said: str = "") -> tuple[str, Card]:
        """(what a notification shows, card); `said` tells what became of a press."""
        who = self._who_is(team, user)
        if is_stranger(who):
            return TITLE, card([text(stranger(who))])
        try:
            standing = await Standing.now(self._desk, self._orders)
        except ChimeraError as error:
            return TITLE, card([self._text(f"I cannot see how things stand: {error}")])
        status = standing.status
        body = [
            self._text(said, weight="Bolder") if said else {},
            self._text(self._paused(status)),
            heading(f"Waiting for approval: {len(status['waiting_orders'])}"),
            *(part for record in standing.waiting for part in self._waiting(record, who)),
            more(status["waiting_orders"]),
            heading(f"Open incidents: {len(status['open_incidents'])}"),
            *(self._text(incident(one)) for one in status["open_incidents"][:SHOWN]),
            more(status["open_incidents"]),
        ]
        return TITLE, card(body, buttons(status, who))

    def _paused(self, status: dict[str, Any]) -> str:
        lines = [
            f"Changes are paused in {p['environment']} by {p['by']}: {p['reason']}"
            for p in status["paused"]
        ] or ["Changes may be made, as policy allows."]
        return "\n".join([*lines, *status.get("hushed", ())])

    def _waiting(self, record: OrderRecord, who: Principal) -> list[Element]:
        order, plan = record.order, record.plan
        if plan is None:
            return [self._text(f"{order.id} {order.runbook}")]
        asked = f"Asked for by {order.requested_by}: {order.reason}"
        found = [self._text(f"{order.id} {order.runbook}\n{planned(plan)}\n{asked}")]
        if not who.has("approver"):
            return found
        if order.requested_by == who.id:
            note = "You asked for this, so somebody else must answer it."
            return [*found, text(note, isSubtle=True)]
        return [*found, choices(*answering(order.id, plan.hash))]

    def _text(self, said: str, **looks: Any) -> Element:
        return text(self._outbound.words(said), **looks)


def incident(one: dict[str, Any]) -> str:
    lamp = LAMPS.get(one["phase"], "\N{LARGE RED CIRCLE}")
    head = f"{lamp} {one['id']} {one['priority']} · {one['phase'].replace('_', ' ')}"
    return "\n".join([head, one["title"], *(t for t in (one["impact"], *one["marks"]) if t)])


def heading(said: str) -> Element:
    return line(run(said, weight="Bolder", size="Medium"), spacing="Large")


def more(every: list[Any]) -> Element:
    left = len(every) - SHOWN
    return text(f"and {left} more; ask me", isSubtle=True) if left > 0 else {}


def buttons(status: dict[str, Any], who: Principal) -> list[Element]:
    found = [button(f"As of {datetime.now(UTC):%H:%M:%S} UTC; look again", REFRESH, {})]
    if who.has("operator"):
        found.insert(0, opens("Run a runbook", RUN, {}))
    if who.has("operator", "approver"):
        found.append(
            confirmed("Resume", RESUME, "Changes may then start again everywhere.")
            if status["paused"]
            else confirmed("Pause all changes", PAUSE, "No new change starts anywhere.")
        )
    return found


def confirmed(label: str, verb: str, means: str) -> Element:
    """A button that asks back."""
    inner = {
        "type": "AdaptiveCard",
        "body": [text(means)],
        "actions": [button(label, verb, {})],
    }
    return {"type": "Action.ShowCard", "title": f"{label} …", "card": inner}
