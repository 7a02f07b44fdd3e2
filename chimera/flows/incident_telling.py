"""How an incident is kept on record and told to people, as its workflow goes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from chimera.domain import Diagnosis, Event, Notice, Phase, Severity
    from chimera.flows.incident_state import Handing, IncidentState
    from chimera.flows.incident_steps import IncidentSteps, Record
    from chimera.platform.orchestration.tell import tell
    from chimera.platform.orchestration.temporal import RETRY


class Account:
    """The incident's fields and timeline in the store, and its notices.

    Lines and notices are counted; one that must not be doubled by a workflow that was started
    again has a `key` of its own.
    """

    def __init__(self, state: IncidentState) -> None:
        self._state = state

    async def enter(self, phase: Phase, **changes: Any) -> None:
        """The incident is in this phase from here on."""
        self._state.phase = phase
        await self._save(
            Record(incident=self._state.incident.id, changes={"phase": phase, **changes})
        )

    async def record(
        self, text: str, *, actor: str = "chimera", key: str | None = None, **changes: Any
    ) -> None:
        """A line of the timeline, together with what it changes."""
        here = self._state
        here.lines += 1
        event = Event(
            incident=here.incident.id,
            key=key or f"{workflow.info().first_execution_run_id[:8]}-{here.lines}",
            at=workflow.now(),
            phase=here.phase,
            text=text,
            actor=actor,
        )
        if actor == "chimera" or key:
            changes = {"phase": here.phase, **changes}
        await self._save(Record(incident=here.incident.id, event=event, changes=changes))

    async def _save(self, record: Record) -> None:
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
        key: str | None = None,
    ) -> None:
        """A notice to every channel, which is not waited for."""
        here = self._state
        here.notices += 1
        # Tells the notices of a workflow that was started again from those of the first.
        life = "" if here.first_life else workflow.info().first_execution_run_id[:8] + "-"
        await tell(
            Notice(
                id=f"{key or f'{here.incident.id}-{life}{here.notices}'}-{kind}",
                incident=here.incident.id,
                kind=kind,
                title=title,
                text=text,
                phase=here.phase.value,
                severity=here.incident.severity.value,
                priority=here.incident.priority.value if here.incident.priority else "",
                impact=here.incident.impact,
                marks=here.incident.marks,
                signal=here.incident.leading,
                service=here.incident.service,
                cause=blamed(here.diagnosis),
                fields=fields or {},
                close_code=code,
                at=workflow.now(),
            )
        )

    async def hand_over(
        self, why: str, page: bool = True, must_page: bool = False, key: str | None = None
    ) -> None:
        """A person has it from here; the workflow stays to watch and to close.

        `must_page`: something was changed and nobody knows whether it is right. The person is told
        first: were the workflow lost in between, the record would say that somebody knows.
        """
        here = self._state
        here.phase = Phase.HANDED_OVER
        grave = here.incident.severity is Severity.PAGE and not here.paged
        loud = must_page or (page and grave)
        here.paged = here.paged or loud
        await self.say("page" if loud else "update", "A person is needed", why, key=key)
        await self.record(f"handed to a person: {why}", key=f"{key}-person" if key else None)

    async def given(self, handing: Handing) -> None:
        """Somebody has it from here, since a person said so: all channels hear who."""
        here = self._state
        here.handing, here.phase, here.worse = None, Phase.HANDED_OVER, False
        text = str(handing)
        await self.record(text, actor=handing.by, phase=here.phase, acknowledged_by=handing.to)
        await self.say(
            "update", f"{text[0].upper()}{text[1:].partition(':')[0]}", here.incident.title
        )

    async def note_blindness(self) -> None:
        """Have the record say whether what it was raised on can be read."""
        here = self._state
        if here.incident.no_data and not here.said_blind:
            here.said_blind = True
            text = "no data: Prometheus cannot be read; nothing is changed or closed until it can"
            await self.record(text, no_data=True)
        elif here.said_blind and not here.incident.no_data:
            here.said_blind = False
            await self.record("data is back", no_data=False)


def blamed(diagnosis: Diagnosis | None) -> str:
    """What is to blame, as far as is known."""
    return (diagnosis.best.target or "") if diagnosis and diagnosis.best else ""


def facts(diagnosis: Diagnosis) -> dict[str, str]:
    """What goes beside the cause: evidence, blast radius, owner, and what it was like."""
    products = diagnosis.products
    named = {hit.name for hit in products}
    found = {
        "Owner": diagnosis.owner,
        "Data products": "\n".join(str(hit) for hit in products),
        "Also affected": ", ".join(name for name in diagnosis.affected if name not in named),
        "Like": "\n".join(diagnosis.like),
    }
    for at, cause in enumerate(diagnosis.causes):
        found["Evidence" if at == 0 else f"Evidence for {cause.target}"] = "\n".join(
            f"{evidence.claim} ({evidence.link or evidence.query})"
            for evidence in cause.evidence[:5]
        )
    others = [f"{f.cause} ({f.confidence:.0%})" for f in diagnosis.rivals[:3]]
    found["Also considered"] = "\n".join(others)
    if not diagnosis.findings:
        found["What would settle it"] = "\n".join(diagnosis.next_looks)
    return {name: text for name, text in found.items() if text}
