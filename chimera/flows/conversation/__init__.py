"""Chat as a LangGraph conversation: one thread, several people, every change through the door."""

from chimera.flows.conversation.conversation import Conversation
from chimera.flows.conversation.door import DeskDoor, Door

__all__ = ["Conversation", "DeskDoor", "Door"]
