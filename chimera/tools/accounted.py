"""What is told of a call: to the audit log, and to the record of the run that it belongs to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chimera.domain import CHIMERA, Called, Principal
from chimera.platform.governance.audit import Entry, digest

if TYPE_CHECKING:
    from chimera.tools.base import Look

ARGUMENT = 4000  # characters of one argument in a record


def answered(look: Look) -> str:
    """SHA-256 of what a call gave: its evidence, or why there is none."""
    seen = hashlib.sha256()
    for piece in look.evidence:
        for part in (piece.id, piece.claim, piece.query, piece.excerpt):
            seen.update(part.encode(errors="surrogatepass") + b"\0")
    if look.trouble:
        seen.update(look.trouble.message.encode(errors="surrogatepass"))
    return seen.hexdigest()


def call_entry(tool: str, arguments: Mapping[str, Any], look: Look, who: Principal) -> Entry:
    """One line of the audit log. Arguments may hold what people wrote: their digest goes in."""
    said = json.dumps({name: str(value) for name, value in arguments.items()}, sort_keys=True)
    return Entry(
        who=CHIMERA.id,
        behalf="" if who.id == CHIMERA.id else who.id,
        action="tool.called",
        object=tool,
        evidence=tuple(piece.id for piece in look.evidence),
        details={
            "arguments": digest(said),
            "answer": answered(look),
            "trouble": look.trouble.kind if look.trouble else "",
        },
    )


def called(
    tool: str, arguments: Mapping[str, Any], look: Look, plan: int = 0, model: bool = False
) -> Called:
    """The same for the run's own record, where arguments can be read."""
    return Called(
        tool=tool,
        arguments={name: str(value)[:ARGUMENT] for name, value in arguments.items()},
        by="model" if model else "rules",
        plan=plan,
        answer=answered(look),
        evidence=tuple(piece.id for piece in look.evidence),
        trouble=look.trouble.kind if look.trouble else "",
    )
