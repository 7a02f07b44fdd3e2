"""The rule planner: what to look at next from what was seen, without a model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from chimera.agents.base import Call, Investigation, Means
from chimera.agents.findings import case_of, finding_of, in_order, looks, no_answer
from chimera.diagnosis.ranking import rank
from chimera.domain import Diagnosis, Finding, Incident

CHANGES = timedelta(minutes=30)  # before the first symptom
MARGIN = timedelta(seconds=30)  # around an earlier incident: it was sick before it was noticed
CLOSER = 2  # suspects that are looked at more closely


class RulePlanner:
    """What was changed, what is known; then what moved; then logs, place and past of the best suspects."""

    async def plan(self, run: Investigation, means: Means) -> Sequence[Call]:
        task = run["task"]
        began, until = task.incident.began, task.now
        if not run.get("seen"):
            since = {"since": (began - CHANGES).isoformat(), "until": until.isoformat()}
            known = Call("past_incidents", {"besides": task.incident.id})
            return self.offered(means, [known, Call("list_changes", since)]) or self.compare(
                run, means
            )
        if not looks(run, "compare_metrics"):
            return self.compare(run, means)
        if not any(one.data is not None for one in looks(run, "compare_metrics")):
            return ()  # nothing to rank: say so
        if looks(run, "walk_topology"):
            return ()
        verdict = rank(case_of(run, means))
        calls = []
        suspects = list(dict.fromkeys(s.target for s in verdict.suspects))[:CLOSER]
        for name in suspects or [task.incident.service]:
            window = {"began": began.isoformat(), "until": until.isoformat()}
            calls.append(Call("search_logs", {"service": name, **window}))
            if means.estate.node(name):
                calls.append(Call("walk_topology", {"name": name}))
            past = {"service": name, "besides": task.incident.id}
            calls.append(Call("past_incidents", past))
        return self.offered(means, calls)

    def compare(self, run: Investigation, means: Means) -> Sequence[Call]:
        """Before and since, without what earlier incidents did to the time before."""
        task = run["task"]
        began = task.incident.began
        past: list[Incident] = [i for one in looks(run, "past_incidents") for i in one.data or ()]
        sick = [
            ((i.began - MARGIN).isoformat(), min(i.resolved, began).isoformat())
            for i in past
            if i.resolved and began - CHANGES < i.resolved and i.began < began
        ]
        window = {"began": began.isoformat(), "until": task.now.isoformat()}
        leave_out = {"leave_out": sick} if sick else {}
        return self.offered(means, [Call("compare_metrics", {**window, **leave_out})])

    def offered(self, means: Means, calls: Sequence[Call]) -> Sequence[Call]:
        """Those whose tool has its services here."""
        return [call for call in calls if call.tool in means.tools]

    async def conclude(self, run: Investigation, means: Means) -> Diagnosis:
        steps = run.get("steps", 0)
        seen = [found for _, found in run.get("seen", {}).values()]
        troubles = [found.trouble for found in seen if found.trouble]
        partial = any(found.partial for found in seen) or any(
            trouble.tool in ("compare_metrics", "list_changes") for trouble in troubles
        )
        case = case_of(run, means)
        if not case.series:
            said = troubles[0].message if troubles else "nothing was read in time"
            if not troubles and looks(run, "compare_metrics"):
                said = "no watched signal has a series of this time"
            why = f"No cause can be named: {said}"
            asks = ("metrics of " + ", ".join(case.focus[:3]) + ", once they can be read",)
            return no_answer(why, asks, steps, partial=True)
        verdict = rank(case)
        found = [finding_of(suspect, run, means, verdict.suspects) for suspect in verdict.suspects]
        findings = in_order((f for f in found if f is not None), means.cards)
        if not findings:
            why = f"No cause can be named: {verdict.why}."
            return no_answer(why, verdict.next_looks, steps, partial)
        best = findings[0]
        node = means.estate.node(best.target or "")
        first_seen = means.estate.node(run["task"].incident.service)
        return Diagnosis(
            findings=findings,
            summary=summary(findings, run),
            next_looks=verdict.next_looks,
            affected=means.estate.felt_by(best.target or ""),
            owner=(node.owner if node else "") or (first_seen.owner if first_seen else ""),
            steps=steps,
            partial=partial,
        )


def summary(findings: Sequence[Finding], run: Investigation) -> str:
    """What a person reads first."""
    best = findings[0]
    lines = [f"{best.cause}. Confidence {best.confidence:.0%}."]
    if len(findings) > 1:
        rest = "; ".join(f"{f.cause} ({f.confidence:.0%})" for f in findings[1:3])
        lines.append(f"Also possible: {rest}.")
    if best.runbook is None:
        lines.append("No runbook is allowed for it here: a person has to look.")
    past = [
        piece
        for call, one in run.get("seen", {}).values()
        if call.tool == "past_incidents" and call.arguments.get("service")
        for piece in one.evidence
    ]
    if past:
        lines.append(f"Compare {past[0].claim}.")
    return " ".join(lines)
