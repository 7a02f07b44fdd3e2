"""A diagnosis as it is told, wherever it comes from: an incident, or files of metrics."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chimera.platform.pictures.canvas import Drawing


@dataclass(frozen=True)
class Claim:
    """One sentence, where a person sees it for themselves, and whether others wrote it."""

    text: str
    where: str = ""  # query and window
    link: str = ""
    untrusted: bool = False


@dataclass(frozen=True)
class Cause:
    """One possible cause: what speaks for it and against it."""

    name: str
    kind: str
    sure: str  # its confidence or score
    says: str = ""
    evidence: tuple[Claim, ...] = ()
    against: tuple[Claim, ...] = ()
    repair: str = ""


@dataclass(frozen=True)
class Table:
    """Rows under a title."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Report:
    """Everything there is to tell, in the order of telling. `data` is the same for programs."""

    headline: str
    context: str
    causes: tuple[Cause, ...] = ()
    rivals: tuple[Cause, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[tuple[str, tuple[str, ...]], ...] = ()  # title, sentences
    picture: Drawing | None = None
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def full(self) -> tuple[Table, ...]:
        """The tables that hold something."""
        return tuple(table for table in self.tables if table.rows)
