"""Whether the rows of the audit log follow each other, and where the first does not."""

from __future__ import annotations

from typing import Literal

from chimera.domain import Value
from chimera.platform.governance.audit import UNSEALED, Head, Row


class Broken(Value):
    """The first place where a chain does not hold."""

    seq: int
    kind: Literal["altered", "missing", "reordered", "truncated", "added", "unsealed"]
    why: str


class Verdict(Value):
    """What a chain is worth."""

    rows: int
    head: Head
    sealed: bool | None = None  # None: there was no key to ask with
    broken: Broken | None = None
    resealed: tuple[int, ...] = ()  # rows that went on from a head which was not sealed


class Chain:
    """Takes rows in their order and finds the first that does not follow."""

    def __init__(self, kept: Head | None = None, accepted: tuple[int, ...] = ()) -> None:
        """`kept`: a head of an earlier look. `accepted`: rows that may go on from an unsealed one."""
        self._kept, self._accepted = kept, frozenset(accepted)
        self.head = Head()
        self.broken: Broken | None = None
        self.resealed: list[int] = []

    def take(self, row: Row) -> bool:
        """Whether the chain still holds."""
        self.broken = self.broken or self._wrong(row)
        if self.broken is None:
            self.head = Head(seq=row.seq, hash=row.hash)
            if row.action == UNSEALED:
                self.resealed.append(row.seq)
        return self.broken is None

    def _wrong(self, row: Row) -> Broken | None:
        here = self.head.seq + 1
        if row.seq > here:
            upto = f" to {row.seq - 1}" if row.seq - 1 > here else ""
            return Broken(seq=here, kind="missing", why=f"row {here}{upto} is missing")
        if row.seq < here:
            why = f"row {row.seq} stands after row {self.head.seq}"
            return Broken(seq=row.seq, kind="reordered", why=why)
        if row.hash != row.digest:
            why = f"row {row.seq} was altered: its hash is not that of what it says"
            return Broken(seq=row.seq, kind="altered", why=why)
        if row.previous != self.head.hash:
            why = f"row {row.seq} does not follow row {self.head.seq}: one of them was exchanged"
            return Broken(seq=row.seq, kind="reordered", why=why)
        if self._kept and row.seq == self._kept.seq and row.hash != self._kept.hash:
            why = f"row {row.seq} is not the one whose hash was kept: the log was written anew"
            return Broken(seq=row.seq, kind="altered", why=why)
        if row.action == UNSEALED and row.seq not in self._accepted:
            why = (
                f"row {row.seq} goes on from a head that this key had not sealed: the key was "
                f"changed, or the log; where you know why, use `--accept {row.seq}`"
            )
            return Broken(seq=row.seq, kind="unsealed", why=why)
        return None

    def end(self, head: Head | None, sealed: bool | None, later: int = 0) -> Verdict:
        """The verdict, once all rows were taken. `later`: the number of the last row there is."""
        broken = self.broken or self._cut(head, sealed, later)
        return Verdict(
            rows=self.head.seq,
            head=head if head and not broken else self.head,
            sealed=sealed,
            broken=broken,
            resealed=tuple(self.resealed),
        )

    def _cut(self, head: Head | None, sealed: bool | None, later: int) -> Broken | None:
        last = self.head.seq
        if self._kept and self._kept.seq > last:
            why = f"row {last + 1} is missing, and all after it: row {self._kept.seq} was kept"
            return Broken(seq=last + 1, kind="truncated", why=why)
        if head is None:
            return Broken(seq=last + 1, kind="truncated", why="the head at the end is missing")
        if head.seq > last:
            why = f"row {last + 1} is missing, and all up to row {head.seq}, the last by the head"
            return Broken(seq=last + 1, kind="truncated", why=why)
        if later > head.seq or last > head.seq:
            why = f"row {head.seq + 1} stands after the head: it was put there from outside"
            return Broken(seq=head.seq + 1, kind="added", why=why)
        if head.hash != self.head.hash:
            why = f"row {last} is not the one that the head names"
            return Broken(seq=last, kind="altered", why=why)
        if sealed is False:
            why = f"the head (row {last}) is not sealed with this installation's key"
            return Broken(seq=last, kind="unsealed", why=why)
        return None
