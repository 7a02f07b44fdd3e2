"""The Home tab: what is open, what is paused, what waits for approval, with its buttons."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from chimera.bots import slack_blocks
from chimera.bots.inbound import WhoIs, is_stranger, stranger
from chimera.bots.slack_api import SlackApi
from chimera.bots.slack_blocks import HEADER, SECTION, Block, button, cut, escaped, section, small
from chimera.bots.standing import PAUSE, REFRESH, RESUME, RUN, SHOWN, Desk, Orders, Standing
from chimera.domain import ChimeraError, Principal
from chimera.flows.conversation.proposing import planned
from chimera.platform.governance.outbound import Outbound
from chimera.platform.store import OrderRecord

ON_HOME = (PAUSE, RESUME, RUN, REFRESH)  # buttons


class Home:
    """Each person's own; somebody who is not in people.toml is told how to get in."""

    def __init__(
        self, slack: SlackApi, desk: Desk, orders: Orders, who_is: WhoIs, outbound: Outbound
    ) -> None:
        self._slack = slack
        self._desk = desk
        self._orders = orders
        self._who_is = who_is
        self._outbound = outbound

    async def publish(self, team: str, user: str, line: str = "") -> None:
        """Draw it anew; `line` tells what became of a press. Raises Unavailable, Refused."""
        who = self._who_is(team, user)
        if is_stranger(who):
            blocks = [section(stranger(who))]
        else:
            blocks = await self._drawn(who, line)
        view = {"type": "home", "callback_id": "chimera_home", "blocks": blocks}
        await self._slack.call("views.publish", user_id=user, view=view)

    async def _drawn(self, who: Principal, line: str) -> list[Block]:
        try:
            standing = await Standing.now(self._desk, self._orders)
        except ChimeraError as error:
            return [section(self._plain(f"I cannot see how things stand: {error}"))]
        status, waiting = standing.status, standing.waiting
        said = [section(f"*{self._plain(line)}*")] if line else []
        return [
            *said,
            *self._paused(status, who),
            header(f"Waiting for approval: {len(status['waiting_orders'])}"),
            *(block for record in waiting for block in self._waiting(record, who)),
            *more(status["waiting_orders"]),
            header(f"Open incidents: {len(status['open_incidents'])}"),
            *(section(self._incident(one)) for one in status["open_incidents"][:SHOWN]),
            *more(status["open_incidents"]),
            self._foot(who),
        ]

    def _paused(self, status: dict[str, Any], who: Principal) -> list[Block]:
        lines = [
            f":double_vertical_bar: Changes are *paused* in {self._plain(p['environment'])} by "
            f"{self._plain(p['by'])}: {self._plain(p['reason'])}"
            for p in status["paused"]
        ] or ["Changes may be made, as policy allows."]
        lines += [f":no_bell: {self._plain(text)}" for text in status.get("hushed", ())]
        found = [section("\n".join(lines))]
        if who.has("operator", "approver"):
            one = (
                confirmed("Resume", RESUME, "Changes may then start again everywhere.")
                if status["paused"]
                else confirmed("Pause all changes", PAUSE, "No new change starts anywhere.")
            )
            found.append({"type": "actions", "block_id": "chimera_pausing", "elements": [one]})
        return found

    def _waiting(self, record: OrderRecord, who: Principal) -> list[Block]:
        order, plan = record.order, record.plan
        text = f"*{escaped(order.id)}* {self._plain(order.runbook)}"
        if plan is None:
            return [section(text)]
        text += f"\n{self._plain(planned(plan))}\nAsked for by {self._plain(order.requested_by)}: "
        found = [section(cut(text + self._plain(order.reason), SECTION))]
        if not who.has("approver"):
            return found
        if order.requested_by == who.id:
            return [*found, small("You asked for this, so somebody else must answer it.")]
        return [*found, slack_blocks.answering(order.id, plan.hash, f"chimera_answer_{order.id}")]

    def _incident(self, one: dict[str, Any]) -> str:
        lamp = slack_blocks.LAMPS.get(one["phase"], ":red_circle:")
        phase = one["phase"].replace("_", " ")
        lines = [f"{lamp} *{one['id']}* {one['priority']} · {phase}", self._plain(one["title"])]
        lines += [self._plain(text) for text in (one["impact"], *one["marks"]) if text]
        return cut("\n".join(lines), SECTION)

    def _foot(self, who: Principal) -> Block:
        now = f"{datetime.now(UTC):%H:%M:%S} UTC"
        elements = [button(f"As of {now}; look again", REFRESH, "refresh")]
        if who.has("operator"):
            elements.insert(0, button("Run a runbook", RUN, "run"))
        return {"type": "actions", "block_id": "chimera_foot", "elements": elements}

    def _plain(self, text: str) -> str:
        return escaped(self._outbound.words(text))


def header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": cut(text, HEADER)}}


def more(every: list[Any]) -> list[Block]:
    left = len(every) - SHOWN
    return [small(f"and {left} more; ask me, or see `chimera status`")] if left > 0 else []


def confirmed(label: str, action: str, text: str) -> Block:
    """A button that asks back."""
    plain = {"type": "plain_text", "text": label}
    ask = {
        "title": plain,
        "text": {"type": "plain_text", "text": text},
        "confirm": plain,
        "deny": {"type": "plain_text", "text": "Cancel"},
    }
    return button(label, action, action) | {"confirm": ask}
