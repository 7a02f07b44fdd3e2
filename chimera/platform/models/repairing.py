"""What is said to a model once more: that its answer cannot be read, or the same in fewer words."""

from __future__ import annotations

from collections.abc import Sequence

from chimera.domain.dialogue import Message
from chimera.platform.models.failures import Garbled

REPAIRS = 2  # of one dialogue
SHORT = 400  # characters that are left of any text
CUT = "\n[cut: it was too long]"


def complaint(error: Garbled) -> tuple[Message, Message]:
    """The answer that could not be read, and why."""
    why = f"That could not be used: {error}. Answer again, in the form that was asked for."
    return (
        Message(role="assistant", text=error.said or "(nothing)", writer="others"),
        Message(role="user", text=why, writer="chimera"),
    )


def shortened(messages: Sequence[Message]) -> list[Message] | None:
    """The same with what was read cut to half; None where nothing is left to be cut."""
    long = [
        m
        for m in messages
        if m.role != "system" and m.writer != "asker" and len(m.text) > SHORT + len(CUT)
    ]
    if not long:
        return None
    return [
        m.model_copy(update={"text": m.text[: max(len(m.text) // 2, SHORT)] + CUT})
        if any(m is one for one in long)
        else m
        for m in messages
    ]
