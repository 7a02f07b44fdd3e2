"""What a specialist remembers of each series: a record of fixed size, ready to be put away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

VERSION = 1
MAGIC = b"chimera-records"
HUSH = (
    ("held", np.float64),  # see hush.py
    ("since", np.int64),
    ("open", np.int64),  # 1 while what was told at the end of a block goes on, see stretches.py
)


def record(*fields: Any) -> np.dtype[Any]:
    """A record's type with what every specialist remembers in front."""
    return np.dtype([*HUSH, *fields], align=True)


@dataclass(frozen=True, eq=False)
class Records:
    """The state of many series, one record each. Scoring a block changes it in place."""

    name: str  # the specialist's
    records: npt.NDArray[Any]

    def __len__(self) -> int:
        return len(self.records)

    @classmethod
    def fresh(cls, name: str, kind: np.dtype[Any], series: int) -> Self:
        """Records of series that nothing is known of: all zero."""
        return cls(name, np.zeros(series, kind))

    def copy(self) -> Records:
        return Records(self.name, self.records.copy())

    def rows(self, wanted: npt.NDArray[np.intp]) -> Records:
        """The records of these rows, in this order; -1 is a series that was not there before."""
        chosen = Records.fresh(self.name, self.records.dtype, len(wanted))
        old = wanted >= 0
        chosen.records[old] = self.records[wanted[old]]
        return chosen

    def save(self) -> bytes:
        """All of it as bytes. Only the same version reads them."""
        return self._head(self.name, self.records.dtype) + self.records.tobytes()

    @classmethod
    def load(cls, name: str, kind: np.dtype[Any], saved: bytes) -> Self:
        """What `save` gave. Raises ValueError for anything else, and for another version."""
        head = cls._head(name, kind)
        if saved[: len(head)] != head or (len(saved) - len(head)) % kind.itemsize:
            raise ValueError(
                f"this is no saved state of {name!r} in version {VERSION} with {kind.itemsize} "
                "bytes a series; start from a fresh one"
            )
        return cls(name, np.frombuffer(saved, kind, offset=len(head)).copy())

    @staticmethod
    def _head(name: str, kind: np.dtype[Any]) -> bytes:
        return MAGIC + bytes([VERSION]) + name.encode() + kind.itemsize.to_bytes(4, "little")
