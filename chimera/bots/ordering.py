"""Running a runbook from a chat's form: its fields, its plan, its order, as the person who sent it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from chimera.bots.form_fields import Field, fields_of
from chimera.bots.inbound import WhoIs
from chimera.domain import Estate, NotAllowed, NotFound, Order, Plan, Principal, RunbookCard
from chimera.flows.conversation.proposing import planned


class Desk(Protocol):
    """The part of `chimera.flows.desk.Desk` that a form reaches."""

    @property
    def cards(self) -> Mapping[str, RunbookCard]: ...

    async def run_runbook(
        self,
        name: str,
        parameters: dict[str, str],
        target: str,
        reason: str,
        who: Principal,
        dry_run: bool = False,
    ) -> Order | Plan: ...


class Ordering:
    """Orders by form go the way of every order: policy decides, and perhaps another person."""

    def __init__(self, desk: Desk, who_is: WhoIs, estate: Estate) -> None:
        self._desk = desk
        self._who_is = who_is
        self._estate = estate

    def offered(self, team: str, user: str) -> list[RunbookCard]:
        """The runbooks that change the estate. Raises NotAllowed."""
        who = self._who_is(team, user)
        if not who.has("operator"):
            raise NotAllowed(
                f"{who.name or who.id} may not run a runbook: it takes the role operator; ask "
                "somebody who has it"
            )
        return [card for card in self._desk.cards.values() if card.touches == "estate"]

    def card(self, name: str) -> RunbookCard:
        """Raises NotFound."""
        card = self._desk.cards.get(name)
        if card is None or card.touches != "estate":
            raise NotFound(f"there is no runbook {name!r} with a form; `/chimera run` lists them")
        return card

    def fields(self, card: RunbookCard) -> tuple[Field, ...]:
        """What its form asks for; where it may run is chosen from the estate."""
        targets = [node.name for node in self._estate.nodes if card.name in node.runbooks]
        return fields_of(card, targets)

    async def plan(
        self, name: str, values: dict[str, str], reason: str, team: str, user: str
    ) -> str:
        """What exactly would be done. Raises Refused."""
        plan = await self._ask(name, values, reason, team, user, dry_run=True)
        assert isinstance(plan, Plan)
        return planned(plan)

    async def place(
        self, name: str, values: dict[str, str], reason: str, team: str, user: str
    ) -> str:
        """Place the order; what is told of it. Raises Refused, Unavailable."""
        order = await self._ask(name, values, reason, team, user, dry_run=False)
        assert isinstance(order, Order)
        return (
            f"Order {order.id} is placed: {name} of {order.target}. Policy decides now; where it "
            f"asks for a person, that is somebody else than {order.requested_by}."
        )

    async def _ask(
        self, name: str, values: dict[str, str], reason: str, team: str, user: str, dry_run: bool
    ) -> Order | Plan:
        target = self.card(name).target_of(values)
        who = self._who_is(team, user)
        return await self._desk.run_runbook(name, values, target, reason, who, dry_run)
