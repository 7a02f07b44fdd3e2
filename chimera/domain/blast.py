"""Who a cause hits, when, and whose that is: its blast radius."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from chimera.domain.base import Value


class Hit(Value):
    """One thing downstream of a cause.

    `state`: it shows trouble now; it is to be expected if the cause lasts; or it would show by now,
    and does not. `at` is since when, or from when on; None where nothing tells.
    """

    name: str
    kind: str = "service"  # the node's: service, step, dataset, store, external
    owner: str = ""
    tier: int = 3
    product: bool = False  # a dataset that nobody in the estate reads: people do
    by_way_of: tuple[str, ...] = ()  # what lies between the cause and this, nearest the cause first
    state: Literal["hit", "expected", "spared"] = "expected"
    at: datetime | None = None
    why: str = ""  # where the time, or the hope, comes from

    def __str__(self) -> str:
        whose = f" ({self.owner})" if self.owner else ""
        since, later = (
            f" {word} {self.at:%H:%M:%S} UTC" if self.at else "" for word in ("since", "from")
        )
        when = {"hit": f"hit{since}", "expected": f"expected{later}", "spared": "spared so far"}[
            self.state
        ]
        return f"{self.name}{whose}: {when}" + (f"; {self.why}" if self.why else "")
