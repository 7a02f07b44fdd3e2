"""The names that mean something here, and those that a message names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chimera.domain import Estate


@dataclass(frozen=True)
class Known:
    """Every name that means something here."""

    estate: Estate = field(default_factory=Estate)
    metrics: tuple[str, ...] = ()
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # dataset -> column
    runbooks: tuple[str, ...] = ()

    @property
    def nodes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*(n.name for n in self.estate.nodes), *self.columns)))

    @property
    def objectives(self) -> tuple[str, ...]:
        return tuple(slo.name for slo in self.estate.slos)

    def is_data(self, name: str) -> bool:
        node = self.estate.node(name)
        return name in self.columns or (node is not None and node.kind == "dataset")


@dataclass(frozen=True)
class Named:
    """What a message names. `guessed`: what was written -> what it was taken for."""

    nodes: tuple[str, ...] = ()
    incident: str = ""
    order: str = ""
    silence: str = ""
    runbook: str = ""
    objective: str = ""
    metric: str = ""
    columns: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    guessed: dict[str, str] = field(default_factory=dict)
    pronoun: bool = False
    text: str = ""  # the message with placeholders, in lower case
