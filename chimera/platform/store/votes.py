"""Votes: what people thought of alerts and incidents."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from chimera.domain import Vote
from chimera.platform.governance.audit import Entry
from chimera.platform.store import tables as t
from chimera.platform.store.audit import Audit


class Votes(Audit):
    """One row a person and an alert: voting again changes the vote, it does not add one."""

    async def vote(self, vote: Vote) -> None:
        row = {
            "subject": vote.subject,
            "person": vote.person,
            "at": vote.at,
            "body": vote.model_dump(mode="json"),
        }
        async with self._engine.begin() as connection:
            await self._upsert(connection, t.votes, row)
            said = Entry(
                who=vote.person,
                action="feedback.given",
                object=vote.subject,
                incident=vote.subject if vote.subject.startswith("INC-") else "",
                details={"useful": vote.useful},
            )
            await self._audit(connection, said)

    async def unvote(self, subject: str, person: str) -> bool:
        """Take a person's vote back; whether there was one."""
        mine = t.votes.c.subject == subject, t.votes.c.person == person
        async with self._engine.begin() as connection:
            gone = bool((await connection.execute(delete(t.votes).where(*mine))).rowcount)
            if gone:
                said = Entry(who=person, action="feedback.taken_back", object=subject)
                await self._audit(connection, said)
            return gone

    async def votes(self, since: datetime) -> list[Vote]:
        """Oldest first."""
        query = select(t.votes.c.body).where(t.votes.c.at > since).order_by(t.votes.c.at)
        async with self._reads.connect() as connection:
            rows = (await connection.execute(query)).scalars()
            return [Vote.model_validate(body) for body in rows]
