"""Chimera's memory."""

from chimera.platform.store.moves import Move, Moved
from chimera.platform.store.records import Member, OrderRecord, Pause, Received, Spent
from chimera.platform.store.store import Store

__all__ = ["Member", "Move", "Moved", "OrderRecord", "Pause", "Received", "Spent", "Store"]
