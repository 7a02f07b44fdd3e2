"""Chimera's memory: incidents, orders, the inbox, timelines, pauses, post-mortems.

Postgres or SQLite through SQLAlchemy. Every write is idempotent by its key, because every caller
may be a Temporal activity that runs twice.
"""

from __future__ import annotations

from chimera.platform.store.chronicle import Chronicle
from chimera.platform.store.inbox import Inbox
from chimera.platform.store.leases import Leases
from chimera.platform.store.memories import Memories
from chimera.platform.store.moves import Moves
from chimera.platform.store.notes import StoredNotes
from chimera.platform.store.orders import Orders
from chimera.platform.store.pauses import Pauses
from chimera.platform.store.pruning import PICTURED, TOLD, Pruning
from chimera.platform.store.silences import Silences
from chimera.platform.store.spending import Spending
from chimera.platform.store.trusting import Trusting
from chimera.platform.store.votes import Votes

__all__ = ["PICTURED", "TOLD", "Store"]


class Store(
    Inbox,
    Moves,
    Chronicle,
    Memories,
    Orders,
    Leases,
    Pauses,
    Silences,
    Spending,
    Trusting,
    Votes,
    StoredNotes,
    Pruning,
):
    """One database with all its rooms, one a file."""
