"""The runbooks as data: what could be done, for those who only look."""

from __future__ import annotations

from collections.abc import Iterable

from chimera.domain import NotFound, RunbookCard
from chimera.platform.access.similar import or_near


class Shelf:
    """Every runbook's card, by name."""

    def __init__(self, cards: Iterable[RunbookCard] = ()) -> None:
        self.cards = {card.name: card for card in cards}

    def card(self, name: str) -> RunbookCard:
        """Raises NotFound."""
        if name not in self.cards:
            raise NotFound(f"there is no runbook {name!r}{or_near(name, self.cards)}")
        return self.cards[name]
