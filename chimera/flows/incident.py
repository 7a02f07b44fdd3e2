"""The second half of the incident loop: one workflow an incident, from its opening to its lesson.

open -> settle -> investigate -> order -> proof -> watch -> resolve. Whatever goes wrong on the way
ends with a person who is told, never with silence.
"""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from typing import Any, Literal

from temporalio import workflow
from temporalio.exceptions import ActivityError, ChildWorkflowError, FailureError

with workflow.unsafe.imports_passed_through():
    from chimera.domain import (
        Diagnosis,
        Event,
        FaultKind,
        Finding,
        Incident,
        IncidentUpdate,
        Notice,
        Order,
        Outcome,
        Phase,
        Severity,
    )
    from chimera.domain.base import Value
    from chimera.flows.incident_steps import IncidentSteps, Lesson, Look, Proposal, Record
    from chimera.flows.pace import Pace
    from chimera.platform.orchestration.tell import tell
    from chimera.platform.orchestration.temporal import RETRY, reason
    from chimera.runbooks.workflow import RunbookWorkflow

SURE_ENOUGH = 0.5  # below this confidence nothing is proposed
LOOKS = 3  # investigations without a usable answer before a person has it
AGAIN = 6  # intervals between two looks that found nothing
WATCH = 24  # intervals in which a proven repair must have quieted everything
FLAP_LIMIT = 60  # intervals of quiet that are asked of the worst flapper


class Closing(Value):
    """A person's word that it is over."""

    by: str
    note: str = ""


class Carried(Value):
    """What goes on when the workflow continues as new."""

    phase: Phase
    attempts: int = 0
    looks: int = 0
    tried: tuple[tuple[str, str], ...] = ()
    orders: tuple[str, ...] = ()
    quiet: bool = False
    flaps: int = 0
    repaired_by: str | None = None
    last_cause: str | None = None
    notices: int = 0
    paged: bool = False
    paged_blind: bool = False
    said_blind: bool = False
    first_life: bool = True
    refusals: int = 0
    lines: int = 0
    closing: Closing | None = None
    diagnosis: Diagnosis | None = None


class Opened(Value):
    """What starts an incident's workflow."""

    incident: Incident
    pace: Pace = Pace()
    carried: Carried | None = None


@workflow.defn
class IncidentWorkflow:
    """One trouble, from its first symptom to its post-mortem."""

    @workflow.init
    def __init__(self, opened: Opened) -> None:
        self.incident = opened.incident
        self.pace = opened.pace
        # Started again after it was lost: what is on record went before.
        known = opened.incident
        before = opened.carried or Carried(
            phase=known.phase if known.phase is not Phase.REPAIRING else Phase.INVESTIGATING,
            attempts=len(known.orders),
            orders=known.orders,
        )
        self.phase = before.phase
        self.attempts = before.attempts
        self.looks = before.looks
        self.tried = list(before.tried)
        self.orders = list(before.orders)
        self.quiet = before.quiet
        self.quiet_since: datetime | None = workflow.now() if before.quiet else None
        self.flaps = before.flaps
        self.repaired_by = before.repaired_by
        self.last_cause = before.last_cause
        self.notices = before.notices
        self.paged = before.paged
        self.fresh = opened.carried is None and known.phase is Phase.OPEN
        self.first_life = self.fresh or bool(opened.carried and opened.carried.first_life)
        self.closing = before.closing
        self.diagnosis = before.diagnosis
        self.paged_blind = before.paged_blind
        self.refusals = before.refusals
        self.lines = before.lines
        self.said_blind = before.said_blind
        self.worse = False  # since somebody last looked
        self.news = 0  # counts what came in, so that waits can see it

    @workflow.run
    async def run(self, opened: Opened) -> Incident:
        if self.fresh:
            await self.open()
            await self.wait(self.pace.settle, lambda: self.closing is not None)
        while self.closing is None:
            if await self.stays_quiet():
                break
            if self.phase in (Phase.HANDED_OVER, Phase.WATCHING):
                await self.watch()
            elif self.incident.no_data:
                await self.blind()
            else:
                await self.attempt()
            if self.grown():
                await workflow.wait_condition(workflow.all_handlers_finished)
                workflow.continue_as_new(
                    Opened(incident=self.incident, pace=self.pace, carried=self.carried())
                )
        incident = await self.close()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return incident

    # What comes in

    @workflow.signal
    def update(self, update: IncidentUpdate) -> None:
        """The grouper's summary; at most one an interval."""
        before, now = self.incident, update.incident
        paging = now.severity is Severity.PAGE and before.severity is not Severity.PAGE
        elsewhere = {s.service for s in now.symptoms if s.felt} - set(before.services)
        self.worse = self.worse or paging or bool(elsewhere)
        self.incident = now
        if update.quiet and not self.quiet:
            self.quiet_since = workflow.now()
        self.quiet = update.quiet
        self.flaps = update.flaps
        self.news += 1

    @workflow.signal
    async def acknowledge(self, by: str) -> None:
        await self.record(f"acknowledged by {by}", actor=by, acknowledged_by=by)

    @workflow.signal
    def resolve(self, closing: Closing) -> None:
        self.closing = closing
        self.news += 1

    # What happens

    async def open(self) -> None:
        await self.record(f"opened: {self.incident.title}", key="opened")
        await self.say(
            "opened",
            self.incident.title,
            "Symptoms in " + ", ".join(self.incident.services or (self.incident.service,)),
        )

    async def attempt(self) -> None:
        """Investigate, and try the best repair that has not been tried."""
        self.worse = False
        await self.enter(Phase.INVESTIGATING)
        diagnosis = await self.investigate()
        finding = next((f for f in diagnosis.findings if f.confidence >= SURE_ENOUGH), None)
        if finding is None or diagnosis.partial:
            self.looks += 1
            if self.looks >= LOOKS and not self.incident.no_data:
                steps = "; ".join(diagnosis.next_looks) or "nothing else to look at"
                await self.hand_over(f"{diagnosis.summary} What would settle it: {steps}")
                return
            await self.wait(AGAIN, lambda: self.closing is not None or self.quiet)
            return
        if finding.kind is FaultKind.TRAFFIC:
            # Served work is no fault: nothing to repair and nobody to wake.
            await self.enter(Phase.WATCHING)
            return
        if finding.runbook is None:
            await self.hand_over(f"{finding.cause} No runbook mends this here.")
            return
        if len(self.tried) >= self.pace.attempts:
            await self.hand_over(f"{len(self.tried)} repairs were tried and it is still wrong.")
            return
        await self.repair(finding)

    async def investigate(self) -> Diagnosis:
        try:
            diagnosis = await workflow.execute_activity_method(
                IncidentSteps.investigate,
                Look(incident=self.incident, tried=tuple(self.tried)),
                start_to_close_timeout=timedelta(seconds=90),
                schedule_to_close_timeout=timedelta(minutes=5),
                heartbeat_timeout=timedelta(seconds=10),
                retry_policy=RETRY,
            )
        except ActivityError as failure:
            diagnosis = Diagnosis(
                summary=f"The investigation failed: {reason(failure)}.",
                next_looks=("the worker's log",),
                partial=True,
            )
        best = diagnosis.best
        cause = best.cause if best else diagnosis.summary
        if cause != self.last_cause:
            self.last_cause = cause
            await self.record(diagnosis.summary, diagnosis=diagnosis)
            head = "Cause found" if best else "No cause found yet"
            await self.say("update", head, diagnosis.summary, facts(diagnosis))
        self.diagnosis = diagnosis
        return diagnosis

    async def repair(self, finding: Finding) -> None:
        self.attempts += 1
        assert finding.runbook
        assert finding.target
        order = await workflow.execute_activity_method(
            IncidentSteps.propose,
            Proposal(incident=self.incident, finding=finding, attempt=self.attempts),
            start_to_close_timeout=timedelta(seconds=20),
            retry_policy=RETRY,
        )
        self.orders.append(order.id)
        await self.enter(Phase.REPAIRING, orders=tuple(self.orders))
        await self.record(f"order {order.id}: {order.runbook} on {order.target}: {order.reason}")
        try:
            outcome = await self.carried_out(order)
        except ChildWorkflowError as failure:
            outcome = Outcome(
                order_id=order.id, status="unverified", reason=reason(failure), at=workflow.now()
            )
        await self.after(order.runbook, order.target, outcome)

    async def carried_out(self, order: Order) -> Outcome:
        """Have the order run; take it back while that is still possible and nobody needs it."""
        # In Temporal the order is named beside its incident. It outlives whatever befalls this
        # workflow: a change that has begun must be proved or undone.
        name = workflow.info().workflow_id.removesuffix(self.incident.id) + order.id
        child = await workflow.start_child_workflow(
            RunbookWorkflow.run,
            order,
            id=name,
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
        )
        withdrawn = False
        while not child.done():
            if (self.closing is not None or self.calm()) and not withdrawn:
                withdrawn = True
                with contextlib.suppress(FailureError):  # it ended in this very moment
                    await child.signal(RunbookWorkflow.withdraw, "the trouble is over without it")
            await self.note_blindness()
            await self.wait(
                self.pace.quiet,
                lambda seen=self.closing: child.done() or self.closing is not seen,
            )
        return await child

    async def after(self, runbook: str, target: str, outcome: Outcome) -> None:
        """What an order's end means for the incident."""
        said = f"order {outcome.order_id} ({runbook} on {target}) {WORDS[outcome.status]}"
        by = f", approved by {outcome.approved_by}" if outcome.approved_by else ""
        await self.record(f"{said}{by}: {outcome.reason}")
        await self.say("outcome", said, outcome.reason)
        if outcome.status == "refused":
            await self.refused(outcome, said)
            return
        self.tried.append((runbook, target))
        if outcome.status == "applied":
            self.repaired_by = f"{runbook} on {target}"
            await self.enter(Phase.WATCHING)
        elif outcome.status == "proposed":
            await self.hand_over(f"{outcome.reason}. Proposed: {runbook} on {target}.", page=False)
        elif outcome.needs_person:
            await self.hand_over(f"{said}: {outcome.reason}", must_page=True)

    async def refused(self, outcome: Outcome, said: str) -> None:
        """Nothing was changed. A person's or a policy's no is final; the moment's is not."""
        decision = outcome.decision
        asked = decision is not None and decision.verdict == "ask"
        final = decision is None or decision.verdict == "deny"
        if (final or (asked and not outcome.approved_by) or "denied it" in outcome.reason) and not (
            self.quiet or "withdrawn" in outcome.reason
        ):
            await self.hand_over(f"{said}: {outcome.reason}")
            return
        # Busy, cooling down, paused, blind, or no longer needed: that says nothing of the cause.
        self.refusals += 1
        if self.refusals > self.pace.attempts and not self.quiet:
            await self.hand_over(f"{said}: {outcome.reason}")
            return
        await self.wait(AGAIN, lambda: self.closing is not None or self.quiet)

    async def watch(self) -> None:
        """Wait for quiet, for a person, or, after a repair, for the time to look again."""
        seen = self.news
        patience = WATCH if self.phase is Phase.WATCHING else 720
        self.worse = self.worse and self.phase is Phase.HANDED_OVER
        await self.wait(
            patience,
            lambda: self.quiet or self.closing is not None or self.grown() or self.worse,
        )
        if self.grown():
            return
        if self.worse and not self.quiet and self.closing is None:
            self.worse, self.paged, self.looks = False, False, 0
            await self.record("it got worse after a person was told: it is investigated again")
            await self.enter(Phase.INVESTIGATING)
            return
        if self.phase is Phase.WATCHING and not self.quiet and self.closing is None:
            if self.news == seen and self.incident.no_data:
                return
            if self.repaired_by:
                await self.record("the repair was proved, and something is still abnormal")
            await self.enter(Phase.INVESTIGATING)

    async def note_blindness(self) -> None:
        """Have the record say whether what it was raised on can be read."""
        if self.incident.no_data and not self.said_blind:
            self.said_blind = True
            text = "no data: Prometheus cannot be read; nothing is changed or closed until it can"
            await self.record(text, no_data=True)
        elif self.said_blind and not self.incident.no_data:
            self.said_blind = False
            await self.record("data is back", no_data=False)

    async def blind(self) -> None:
        """Nothing can be read: nothing is closed, nothing undone, nothing repaired."""
        await self.note_blindness()
        await self.wait(24, lambda: not self.incident.no_data or self.closing is not None)
        if self.incident.no_data and self.closing is None and not self.paged_blind:
            self.paged_blind = True
            await self.say("page", "Chimera is blind", f"{self.incident.title}; there is no data.")
        await self.note_blindness()

    async def hand_over(self, why: str, page: bool = True, must_page: bool = False) -> None:
        """A person has it from here; the workflow stays to watch and to close.

        `must_page`: something was changed and nobody knows whether it is right.
        """
        await self.enter(Phase.HANDED_OVER)
        await self.record(f"handed to a person: {why}")
        grave = self.incident.severity is Severity.PAGE and not self.paged
        loud = must_page or (page and grave)
        self.paged = self.paged or loud
        await self.say("page" if loud else "update", "A person is needed", why)

    async def stays_quiet(self) -> bool:
        """True once no symptom was active for long enough; the more it flaps, the longer."""
        if not self.quiet:
            return False
        long = min(self.pace.quiet * 2 ** min(self.flaps, 6), FLAP_LIMIT)
        await self.wait(long, lambda: not self.quiet or self.closing is not None)
        return self.quiet or self.closing is not None

    def life(self) -> str:
        """Tells the notices of a workflow that was started again from those of the first."""
        return "" if self.first_life else workflow.info().first_execution_run_id[:8] + "-"

    def grown(self) -> bool:
        """Whether Temporal wants the history to begin anew."""
        return workflow.info().is_continue_as_new_suggested()

    def calm(self) -> bool:
        """Quiet for as long as it takes to be sure."""
        if not self.quiet or self.quiet_since is None:
            return False
        return workflow.now() - self.quiet_since >= self.pace.intervals(self.pace.quiet)

    async def close(self) -> Incident:
        if self.closing:
            code, who = "Solved (Permanently)", self.closing.by
            text = f"resolved by {who}" + (f": {self.closing.note}" if self.closing.note else "")
        elif self.repaired_by:
            code, who = "Solved (Permanently)", "chimera"
            text = f"repaired by {self.repaired_by}; every symptom is gone"
        else:
            code, who = "Closed/Resolved by Caller", "chimera"
            text = "recovered by itself; every symptom is gone"
        now = workflow.now()
        self.phase = Phase.RESOLVED
        await self.record(text, actor=who, key="resolved", resolved=now, close_code=code)
        incident: Incident = await workflow.execute_activity_method(
            IncidentSteps.learn,
            Lesson(incident=self.incident.id, by_person=self.closing is not None),
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=RETRY,
        )
        cause = self.diagnosis.summary if self.diagnosis else ""
        await self.say(
            "resolved", f"Resolved: {self.incident.title}", f"{text}. {cause}".strip(), code=code
        )
        return incident

    # How it is told and kept

    async def enter(self, phase: Phase, **changes: Any) -> None:
        self.phase = phase
        await self.save(Record(incident=self.incident.id, changes={"phase": phase, **changes}))

    async def record(
        self, text: str, *, actor: str = "chimera", key: str | None = None, **changes: Any
    ) -> None:
        """A line of the timeline, together with what it changes."""
        self.lines += 1
        event = Event(
            incident=self.incident.id,
            key=key or f"{workflow.info().first_execution_run_id[:8]}-{self.lines}",
            at=workflow.now(),
            phase=self.phase,
            text=text,
            actor=actor,
        )
        if actor == "chimera" or key:
            changes = {"phase": self.phase, **changes}
        await self.save(Record(incident=self.incident.id, event=event, changes=changes))

    async def save(self, record: Record) -> None:
        await workflow.execute_activity_method(
            IncidentSteps.save,
            record,
            start_to_close_timeout=timedelta(seconds=20),
            retry_policy=RETRY,
        )

    async def say(
        self,
        kind: Literal["opened", "update", "approval", "outcome", "resolved", "page"],
        title: str,
        text: str,
        fields: dict[str, str] | None = None,
        code: str | None = None,
    ) -> None:
        self.notices += 1
        await tell(
            Notice(
                id=f"{self.incident.id}-{self.life()}{self.notices}-{kind}",
                incident=self.incident.id,
                kind=kind,
                title=title,
                text=text,
                phase=self.phase.value,
                severity=self.incident.severity.value,
                fields=fields or {},
                close_code=code,
                at=workflow.now(),
            )
        )

    async def wait(self, intervals: float, until: Any) -> None:
        try:
            await workflow.wait_condition(until, timeout=self.pace.intervals(intervals))
        except TimeoutError:
            return

    def carried(self) -> Carried:
        return Carried(
            phase=self.phase,
            attempts=self.attempts,
            looks=self.looks,
            tried=tuple(self.tried),
            orders=tuple(self.orders),
            quiet=self.quiet,
            flaps=self.flaps,
            repaired_by=self.repaired_by,
            last_cause=self.last_cause,
            notices=self.notices,
            paged=self.paged,
            paged_blind=self.paged_blind,
            said_blind=self.said_blind,
            first_life=self.first_life,
            refusals=self.refusals,
            lines=self.lines,
            closing=self.closing,
            diagnosis=self.diagnosis,
        )


WORDS = {
    "applied": "worked",
    "refused": "was refused",
    "rolled_back": "did not help and was undone",
    "failed": "failed",
    "unverified": "was done and cannot be judged",
    "proposed": "is proposed",
}


def facts(diagnosis: Diagnosis) -> dict[str, str]:
    """What goes beside the cause: evidence, blast radius, owner."""
    best = diagnosis.best
    found = {"Owner": diagnosis.owner, "Also affected": ", ".join(diagnosis.affected)}
    if best:
        found["Evidence"] = "\n".join(
            f"{evidence.claim} ({evidence.link or evidence.query})"
            for evidence in best.evidence[:5]
        )
        others = [f"{f.cause} ({f.confidence:.0%})" for f in diagnosis.findings[1:4]]
        found["Also considered"] = "\n".join(others)
    elif diagnosis.next_looks:
        found["What would settle it"] = "\n".join(diagnosis.next_looks)
    return {name: text for name, text in found.items() if text}
