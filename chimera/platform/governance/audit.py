"""The audit log's chain: what a row is, what its hash covers, and how a broken chain is told.

Each row holds the hash of the one before it, so that altering, leaving out or exchanging rows shows
in every row after. What no chain can show, rows that are missing at its end, shows in the head: the
number and the hash of the last row, sealed with the installation's key.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from pydantic import Field

from chimera.domain import Value
from chimera.domain.orders import canonical

NOTHING = "0" * 64  # what the first row follows
UNSEALED = "audit.unsealed"  # a row that says: this chain went on from a head that was not sealed
LONGEST = 255


class Entry(Value):
    """Something that was done or decided. What people and programs wrote goes in as its digest."""

    who: str  # a principal's id; "chimera" for its own
    action: str  # what was done to which kind of thing: "order.placed"
    object: str = ""
    behalf: str = ""  # on whose behalf, where that is somebody else
    incident: str = ""
    evidence: tuple[str, ...] = ()  # ids
    details: dict[str, Any] = Field(default_factory=dict)
    key: str = ""  # the same key is written once


class Row(Value):
    """An entry at its place in the chain."""

    seq: int
    at: str  # ISO 8601 in UTC, with microseconds
    who: str
    behalf: str
    action: str
    object: str
    incident: str
    details: dict[str, Any]  # with the evidence
    key: str
    previous: str  # hash
    hash: str = ""

    @property
    def digest(self) -> str:
        """What its hash must be: SHA-256 over the canonical JSON of everything else."""
        return hashlib.sha256(canonical(self.model_dump(mode="json", exclude={"hash"}))).hexdigest()


class Head(Value):
    """The end of the chain. `seal` signs number and hash with the installation's key."""

    seq: int = 0
    hash: str = NOTHING
    seal: str = ""

    def sealed_content(self) -> bytes:
        return canonical({"seq": self.seq, "hash": self.hash})


def follow(entry: Entry, head: Head, at: datetime, key: str) -> Row:
    """The entry as the row after the head."""
    cited = {"evidence": list(entry.evidence)} if entry.evidence else {}
    row = Row(
        seq=head.seq + 1,
        at=at.astimezone(UTC).isoformat(timespec="microseconds"),
        who=plain(entry.who),
        behalf=plain(entry.behalf),
        action=plain(entry.action),
        object=plain(entry.object),
        incident=plain(entry.incident)[:64],
        details=clean({**entry.details, **cited}),
        key=key,
        previous=head.hash,
    )
    return row.model_copy(update={"hash": row.digest})


def plain(text: str) -> str:
    """A column's text."""
    return str(clean(text))[:LONGEST]


def clean(value: Any) -> Any:
    """The same with texts that every database keeps as they are."""
    match value:
        case str():
            return value.replace("\0", "").encode(errors="replace").decode()
        case dict():
            return {clean(str(name)): clean(one) for name, one in value.items()}
        case list() | tuple():
            return [clean(one) for one in value]
    return value


def digest(text: str) -> str:
    """What stands for a text that is not to be read in the log."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
