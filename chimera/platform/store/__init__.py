"""Chimera's memory."""

from chimera.platform.store.records import Member, OrderRecord, Pause, Received, Spent
from chimera.platform.store.store import Store

__all__ = ["Member", "OrderRecord", "Pause", "Received", "Spent", "Store"]
