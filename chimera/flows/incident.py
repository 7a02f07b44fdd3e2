"""The second half of the incident loop: one workflow an incident, from its opening to its lesson.

open -> settle -> investigate -> order -> proof -> watch -> resolve. Whatever goes wrong on the way
ends with a person who is told, never with silence.

This file is the way from top to bottom. What the workflow knows is in `incident_state.py`, how its
orders go in `incident_order.py`, how it is told and kept in `incident_telling.py`, and what it has
looked up and done outside of Temporal in `incident_steps.py`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from chimera.domain import Diagnosis, FaultKind, Incident, IncidentUpdate, Phase
    from chimera.flows.incident_order import AGAIN, Repair
    from chimera.flows.incident_state import Closing, Handing, IncidentState
    from chimera.flows.incident_steps import IncidentSteps, Look
    from chimera.flows.incident_telling import Account, facts
    from chimera.flows.lesson import Lesson
    from chimera.platform.orchestration.temporal import RETRY, reason

SURE_ENOUGH = 0.5  # below this confidence nothing is proposed
LOOKS = 3  # investigations without a usable answer before a person has it
WATCH = 24  # intervals in which a proven repair must have quieted everything
PATIENCE = 720  # intervals between two looks at what a person has
FLAP_LIMIT = 60  # intervals of quiet that are asked of the worst flapper
BLIND = 24  # intervals without data before somebody is woken


@workflow.defn
class IncidentWorkflow:
    """One trouble, from its first symptom to its post-mortem."""

    @workflow.init
    def __init__(self, state: IncidentState) -> None:
        if not state.continued:
            state.begin()
        self.state = state
        self.account = Account(state)
        self.repair = Repair(state, self.account)

    @workflow.run
    async def run(self, state: IncidentState) -> Incident:
        if not state.continued:
            await self.begin()
        while not state.over:
            if state.handing:
                await self.account.given(state.handing)
            if await self.stays_quiet():
                break
            if state.handing:
                continue
            if state.phase in (Phase.HANDED_OVER, Phase.WATCHING):
                await self.watch()
            elif state.incident.no_data:
                await self.blind()
            else:
                await self.attempt()
            if self.grown():
                await workflow.wait_condition(workflow.all_handlers_finished)
                state.continued = True
                workflow.continue_as_new(state)
        incident = await self.close()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return incident

    # What comes in

    @workflow.signal
    def update(self, update: IncidentUpdate) -> None:
        """The grouper's summary; at most one an interval."""
        self.state.hear(update)

    @workflow.signal
    async def acknowledge(self, by: str) -> None:
        await self.account.record(f"acknowledged by {by}", actor=by, acknowledged_by=by)

    @workflow.signal
    def hand_over(self, handing: Handing) -> None:
        """Done as soon as what runs just now has come to its end."""
        self.state.handing = handing
        self.state.news += 1

    @workflow.signal
    def resolve(self, closing: Closing) -> None:
        self.state.closing = closing.model_copy(update={"at": closing.at or workflow.now()})
        self.state.news += 1

    # What happens, in this order

    async def begin(self) -> None:
        """Say that it is there and let symptoms gather; or go on where a lost workflow was."""
        state = self.state
        if not state.first_life:
            await self.repair.take_over()
            return
        title = state.incident.title
        await self.account.record(f"opened: {title}", key="opened")
        services = state.incident.services or (state.incident.service,)
        await self.account.say("opened", title, "Symptoms in " + ", ".join(services))
        await state.wait(state.pace.settle, lambda: state.over)

    async def attempt(self) -> None:
        """Investigate, and try the best repair that has not been tried."""
        state = self.state
        state.worse = False
        await self.account.enter(Phase.INVESTIGATING)
        diagnosis = await self.investigate()
        sure = [f for f in diagnosis.by_turn if f.confidence >= SURE_ENOUGH]
        finding = next((f for f in sure if state.worth(f)), None)
        if sure and finding is None:
            # Nothing that is still abnormal comes from there: what was repaired has time to settle.
            state.looks += 1
            if state.looks < LOOKS:
                await self.account.enter(Phase.WATCHING)
            else:
                where = ", ".join(state.showing or ())
                why = f"{state.repaired_by} was proved, and nothing explains what {where} still shows."
                await self.account.hand_over(why, page=bool(state.hurting))
        elif finding is None or diagnosis.partial:
            state.looks += 1
            if state.looks >= LOOKS and not state.incident.no_data:
                steps = "; ".join(diagnosis.next_looks) or "nothing else to look at"
                await self.account.hand_over(f"{diagnosis.summary} What would settle it: {steps}")
                return
            await state.wait(AGAIN, lambda: state.over or state.quiet or state.handing is not None)
        elif finding.kind is FaultKind.TRAFFIC:
            # Served work is no fault: nothing to repair and nobody to wake.
            await self.account.enter(Phase.WATCHING)
        elif finding.runbook is None:
            await self.account.hand_over(f"{finding.cause} No runbook mends this here.")
        elif len(state.tried) >= state.pace.attempts:
            why = f"{len(state.tried)} repairs were tried and it is still wrong."
            await self.account.hand_over(why)
        else:
            await self.repair.attempt(finding)

    async def investigate(self) -> Diagnosis:
        state = self.state
        try:
            diagnosis = await workflow.execute_activity_method(
                IncidentSteps.investigate,
                Look(incident=state.incident, tried=(*state.tried, *state.unfit)),
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
        # What was repaired had a cause: that nothing else is found does not make it unknown.
        known = best is None and state.repaired_by is not None
        if not known:
            state.diagnosis = diagnosis
        cause = "; ".join(f.cause or "" for f in diagnosis.causes) or diagnosis.summary
        if cause != state.last_cause:
            state.last_cause = cause
            kept: dict[str, Any] = {} if known else {"diagnosis": diagnosis}
            await self.account.record(diagnosis.summary, **kept)
            head = (
                "Cause found" if best else "Nothing more found" if known else "No cause found yet"
            )
            await self.account.say("update", head, diagnosis.summary, facts(diagnosis))
        return diagnosis

    async def watch(self) -> None:
        """Wait for quiet, for a person, or, after a repair, for the time to look again."""
        state = self.state
        seen = state.news
        watching = state.phase is Phase.WATCHING
        state.worse = state.worse and not watching
        await state.wait(
            WATCH if watching else PATIENCE,
            lambda: (
                state.quiet
                or state.over
                or self.grown()
                or state.worse
                or state.handing is not None
            ),
        )
        if self.grown() or state.quiet or state.over or state.handing:
            return
        if state.worse:
            state.worse, state.paged, state.looks = False, False, 0
            text = "it got worse after a person was told: it is investigated again"
            await self.account.record(text)
            await self.account.enter(Phase.INVESTIGATING)
        elif watching and (state.news != seen or not state.incident.no_data):
            if state.repaired_by:
                await self.account.record("the repair was proved, and something is still abnormal")
            await self.account.enter(Phase.INVESTIGATING)

    async def blind(self) -> None:
        """Nothing can be read: nothing is closed, nothing undone, nothing repaired."""
        state = self.state
        await self.account.note_blindness()
        await state.wait(BLIND, lambda: not state.incident.no_data or state.over)
        if state.incident.no_data and not state.over and not state.paged_blind:
            state.paged_blind = True
            text = f"{state.incident.title}; there is no data."
            await self.account.say("page", "Chimera is blind", text)
        await self.account.note_blindness()

    async def stays_quiet(self) -> bool:
        """True once no symptom was active for long enough; the more it flaps, the longer."""
        state = self.state
        if not state.quiet:
            return False
        long = min(state.pace.quiet * 2 ** min(state.flaps, 6), FLAP_LIMIT)
        await state.wait(long, lambda: not state.quiet or state.over)
        return state.quiet or state.over

    def grown(self) -> bool:
        """Whether Temporal wants the history to begin anew."""
        return workflow.info().is_continue_as_new_suggested()

    async def close(self) -> Incident:
        state, closing = self.state, self.state.closing
        code, who = "Solved (Permanently)", "chimera"
        if closing:
            who, note = closing.by, closing.note
            text = f"resolved by {who}" + (f": {note}" if note else "")
        elif state.repaired_by:
            text = f"repaired by {state.repaired_by}; every symptom is gone"
        else:
            code = "Closed/Resolved by Caller"
            text = "recovered by itself; every symptom is gone"
        state.phase = Phase.RESOLVED
        await self.account.record(
            text, actor=who, key="resolved", resolved=workflow.now(), close_code=code
        )
        incident = await workflow.execute_activity_method(
            IncidentSteps.learn,
            Lesson(incident=state.incident.id, over=closing.at if closing else None),
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=RETRY,
        )
        cause = state.diagnosis.summary if state.diagnosis else ""
        title = f"Resolved: {state.incident.title}"
        await self.account.say("resolved", title, f"{text}. {cause}".strip(), code=code)
        return incident
