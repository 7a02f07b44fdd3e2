"""What people press and command in a chat, whichever it is."""

from __future__ import annotations

from typing import Protocol

COMMANDS = ("status", "pause", "resume", "help")


class Inbound(Protocol):
    """What Chimera does about it; each answer is shown to the person who asked.

    `answer` returns only when the answer was taken: then the buttons go. All raise Refused
    (unknown person, may not, too late) with a message for that person.
    """

    async def answer(
        self,
        order_id: str,
        plan_hash: str,
        granted: bool,
        team: str,
        user: str,
        note: str,
    ) -> str: ...

    async def vote(self, incident: str, useful: bool, team: str, user: str) -> str: ...

    async def veto(self, incident: str, cause: str, team: str, user: str) -> str: ...

    async def silence(self, incident: str, seconds: float, team: str, user: str) -> str: ...

    async def pause(self, environment: str | None, team: str, user: str) -> str: ...

    async def resume(self, environment: str | None, team: str, user: str) -> str: ...

    async def status(self, team: str, user: str) -> str: ...


def commanded(text: str) -> bool:
    """Whether the text is a command, not a question in a person's own words."""
    words = text.split()
    return not words or (words[0] in COMMANDS and len(words) <= 2)


async def obeyed(handler: Inbound, text: str, team: str, user: str, usage: str) -> str:
    """Do what a command says; anything else is told how to write it."""
    match text.split():
        case ["status"] | []:
            return await handler.status(team, user)
        case ["pause"]:
            return await handler.pause(None, team, user)
        case ["pause", environment]:
            return await handler.pause(environment, team, user)
        case ["resume"]:
            return await handler.resume(None, team, user)
        case ["resume", environment]:
            return await handler.resume(environment, team, user)
    return usage
