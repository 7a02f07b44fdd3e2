from __future__ import annotations

from chimera.domain import Estate, Evidence, NotFound, Principal
from chimera.platform.access.similar import or_near
from chimera.platform.catalog.shelf import Shelf
from chimera.tools.base import Look, evidence_id, tool


@tool
async def list_runbooks(target: str = "", *, who: Principal, shelf: Shelf, estate: Estate) -> Look:
    """The runbooks there are, or those that are allowed on one service or step: what each does,
    its risk, and whether there is a way back. They are run by orders only."""
    cards = tuple(shelf.cards.values())
    if target:
        node = estate.node(target)
        if node is None:
            known = or_near(target, (n.name for n in estate.nodes))
            raise NotFound(f"the topology knows no {target!r}{known}")
        cards = tuple(card for card in cards if card.name in node.runbooks)
    evidence = tuple(
        Evidence(
            id=evidence_id("list_runbooks", f"{target} {card.name}"),
            tool="list_runbooks",
            claim=f"{card.name}: {card.summary} (risk {card.risk.value}, "
            f"{'with' if card.reversible else 'without'} a way back)",
            query=f"runbook {card.name}",
        )
        for card in cards
    )
    return Look(evidence, cards)
