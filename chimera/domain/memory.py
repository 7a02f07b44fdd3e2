"""What resolved incidents taught: how they showed, what helped, and what people say it was not."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from chimera.domain.base import Value
from chimera.domain.dossier import Suspected
from chimera.domain.findings import FaultKind


class Memory(Value):
    """A resolved incident. `mended` are the causes whose repair was proved; perhaps none was."""

    incident: str
    title: str
    environment: str = "default"
    at: datetime  # when it was resolved
    signs: dict[str, float] = Field(default_factory=dict)
    templates: tuple[str, ...] = ()
    mended: tuple[Suspected, ...] = ()


class Veto(Value):
    """A person's word that something was not the cause of an incident."""

    incident: str
    target: str
    kind: FaultKind
    person: str
    note: str = ""
    at: datetime

    @property
    def key(self) -> tuple[str, FaultKind]:
        return self.target, self.kind


class Recalled(Value):
    """A resolved incident that was like this one.

    `likeness` is 0 to 1; `weight` is what is left of it with age.
    """

    incident: str
    title: str
    at: datetime
    likeness: float
    weight: float
    mended: tuple[Suspected, ...] = ()
    vetoes: tuple[Veto, ...] = ()

    @property
    def stands(self) -> tuple[Suspected, ...]:
        """What was repaired, and nobody says that it was not the cause."""
        refuted = {veto.key for veto in self.vetoes}
        return tuple(one for one in self.mended if one.key not in refuted)

    def __str__(self) -> str:
        helped = [f"{one.runbook} on {one.target}" for one in self.stands if one.runbook]
        said = f"like {self.incident}"
        if helped:
            said += f", which {' and '.join(dict.fromkeys(helped))} repaired"
        for veto in self.vetoes:
            said += (
                f", of which {veto.person} says that it was not {veto.kind.value} of {veto.target}"
            )
        return said
