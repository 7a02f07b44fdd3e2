"""What people decide about who hears of what: silences, votes on alerts, merge and split."""

from __future__ import annotations

import asyncio
import uuid
from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta

from pydantic import Field

from chimera.domain import (
    Incident,
    NotAllowed,
    NotFound,
    Order,
    Plan,
    Planned,
    Principal,
    Refused,
    Severity,
    Silence,
    Sway,
    Vote,
    sway,
)
from chimera.domain.alerting import FEEDBACK_LIFE, Matcher
from chimera.domain.base import Value
from chimera.flows.membership import felt, signal_of
from chimera.flows.moving import may_move
from chimera.flows.said import line_of
from chimera.platform.store import Move, Moved, Store

PATIENCE = 15.0  # seconds for the grouper to carry out a move
LOOK_AGAIN = 0.2  # seconds


class Wish(Value):
    """A silence that somebody wants. Without `begins` it begins now."""

    matcher: Matcher
    kind: str = "silence"
    begins: datetime | None = None
    lasts: float = Field(3600.0, gt=0)  # seconds
    reason: str = ""
    learn: bool = True

    def parameters(self) -> dict[str, str]:
        """As the runbook `silence` reads them."""
        since = self.begins or datetime.now(UTC)
        return {
            "service": ",".join(self.matcher.services),
            "signal": ",".join(self.matcher.signals),
            "environment": self.matcher.environment,
            "labels": ",".join(f"{k}={v}" for k, v in sorted(self.matcher.labels.items())),
            "since": since.isoformat(),
            "until": (since + timedelta(seconds=self.lasts)).isoformat(),
            "kind": self.kind,
            "learn": str(self.learn).lower(),
        }


class Hearing(ABC):
    """The part of the desk that decides what is heard; every change needs a role."""

    _store: Store
    _planned: tuple[Planned, ...] = ()

    @abstractmethod
    async def run_runbook(
        self,
        name: str,
        parameters: dict[str, str],
        target: str,
        reason: str,
        who: Principal,
        dry_run: bool = False,
    ) -> Order | Plan: ...

    async def silence(self, wish: Wish, who: Principal, dry_run: bool = False) -> Order | Plan:
        """Propose a silence or a maintenance window: an order, decided by policy like any other."""
        return await self.run_runbook(
            "silence", wish.parameters(), wish.matcher.target, wish.reason, who, dry_run
        )

    async def silence_incident(self, incident_id: str, lasts: float, who: Principal) -> Order:
        """Propose a silence of exactly what an incident is about: its leading signal."""
        incident = await self._store.incident(incident_id)
        matcher = Matcher(services=(incident.service,), signals=(incident.leading,))
        if not incident.leading:
            raise Refused(f"{incident_id} names no signal; use `chimera silence add`")
        wish = Wish(matcher=matcher, lasts=lasts, reason=f"{incident_id}: {incident.title}")
        order = await self.silence(wish, who)
        assert isinstance(order, Order)
        await self._note(incident, order.id, f"order {order.id} asks to silence {matcher}", who)
        return order

    async def lift(self, silence_id: str, who: Principal) -> Order:
        """Propose to end a silence. Raises NotFound, and Refused when it is over."""
        silence = await self._store.silence(silence_id)
        if silence.ends <= datetime.now(UTC):
            raise Refused(f"{silence_id} is over already; nothing is held by it")
        made = await self.run_runbook(
            "lift_silence", {"silence": silence_id}, silence_id, "no longer wanted", who
        )
        assert isinstance(made, Order)
        return made

    async def feedback(self, subject: str, useful: bool, who: Principal) -> Sway:
        """Count a person's vote on an incident or a signal; what it changes now.

        Voting again replaces the vote. Raises NotAllowed, NotFound.
        """
        need(who, "operator", "approver", to=f"vote on {subject}")
        signal, service, page = await self._kind(subject)
        now = datetime.now(UTC)
        vote = Vote(
            subject=subject,
            person=who.id,
            useful=useful,
            signal=signal,
            service=service,
            page=page,
            at=now,
        )
        await self._store.vote(vote)
        await self._said(subject, f"{who.id} found it {'useful' if useful else 'not useful'}", who)
        return await self._sway(signal, service)

    async def unvote(self, subject: str, who: Principal) -> None:
        """Take one's vote back. Raises NotFound when there is none."""
        need(who, "operator", "approver", to=f"vote on {subject}")
        if not await self._store.unvote(subject, who.id):
            raise NotFound(f"{who.id} has no vote on {subject}; `chimera alerts report` shows all")
        await self._said(subject, f"{who.id} took the vote back", who)

    async def sways(self) -> list[Sway]:
        """What all votes that still count do."""
        now = datetime.now(UTC)
        return sway(await self._store.votes(now - FEEDBACK_LIFE), now)

    async def hushed(self) -> list[str]:
        """One line for each thing that holds signals back, or makes them wait, just now."""
        now = datetime.now(UTC)
        held = [m.held or "" for m in await self._store.members(active=True, held=True)]
        lines = []
        for silence in await self._store.silences(now):
            lines.append(upcoming(silence, now) + count(held, silence.id))
        for planned in self._planned:
            if window := planned.window(now):
                services = ", ".join(planned.services) or "everything"
                until = f"{window[1].astimezone(UTC):%Y-%m-%d %H:%M} UTC"
                line = f"{services} in maintenance until {until}: {planned.reason}"
                lines.append(line + count(held, f"maintenance: {planned.reason}"))
        for one in await self.sways():
            if one.decades > 0:
                lines.append(f"muted by feedback: {one}")
        return lines

    async def merge(self, source: str, into: str, who: Principal) -> Moved:
        """Put all signals of one incident into another. Raises Refused while an order runs."""
        move = Move(
            id=uuid.uuid4().hex[:12],
            kind="merge",
            source=source,
            into=into,
            by=who.id,
            at=datetime.now(UTC),
        )
        return await self._move(move, who)

    async def split(self, source: str, service: str, who: Principal) -> Moved:
        """Put what an incident shows of one service into a new one."""
        move = Move(
            id=uuid.uuid4().hex[:12],
            kind="split",
            source=source,
            service=service,
            by=who.id,
            at=datetime.now(UTC),
        )
        return await self._move(move, who)

    async def _move(self, move: Move, who: Principal) -> Moved:
        need(who, "operator", "approver", to=f"{move.kind} {move.source}")
        await may_move(self._store, move)
        await self._store.ask_move(move)
        # The grouper decides membership, and looks once an interval.
        for _ in range(round(PATIENCE / LOOK_AGAIN)):
            if answer := await self._store.moved(move.id):
                if answer.refused:
                    raise Refused(answer.refused)
                return answer
            await asyncio.sleep(LOOK_AGAIN)
        return Moved()  # noted; it is done as soon as somebody looks

    async def _kind(self, subject: str) -> tuple[str, str, bool]:
        """(signal, service, whether users feel it) of an incident or of one of its signals."""
        if subject.startswith("INC-"):
            incident = await self._store.incident(subject)
            if not incident.leading:
                raise Refused(f"{subject} names no signal to vote on; vote on one of its signals")
            page = incident.severity is Severity.PAGE
            return incident.leading, incident.service, page
        member = await self._store.member(subject)
        return signal_of(member), member.service, felt(member)

    async def _sway(self, signal: str, service: str) -> Sway:
        found = [s for s in await self.sways() if (s.signal, s.service) == (signal, service)]
        return found[0]

    async def _said(self, subject: str, text: str, who: Principal) -> None:
        """Keep a vote on the timeline of its incident."""
        name: str | None = subject
        if not subject.startswith("INC-"):
            name = (await self._store.member(subject)).incident
            text = f"{text} ({subject})"
        if name:
            await self._note(await self._store.incident(name), uuid.uuid4().hex[:12], text, who)

    async def _note(self, incident: Incident, key: str, text: str, who: Principal) -> None:
        await self._store.add_event(line_of(incident, f"heard-{key}", text, who))


def need(who: Principal, *roles: str, to: str) -> None:
    """Raises NotAllowed unless the person has one of the roles."""
    if not who.has(*roles):
        raise NotAllowed(
            f"{who.name or who.id} may not {to}: it takes the role {' or '.join(roles)}; "
            "ask an administrator to add it in people.toml"
        )


def upcoming(silence: Silence, now: datetime) -> str:
    if silence.since > now:
        return f"from {silence.since.astimezone(UTC):%Y-%m-%d %H:%M} UTC on {silence}"
    return str(silence)


def count(held: list[str], by: str) -> str:
    """How many signals it holds just now."""
    number = sum(by in one for one in held)
    return f"; holds {number} now" if number else ""
