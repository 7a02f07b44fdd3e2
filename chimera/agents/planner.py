"""The rule planner: what to look at next from what was seen, without a model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from chimera.agents.base import Call, Investigation, Means
from chimera.agents.concluding import found
from chimera.agents.findings import case_of, looks, no_answer
from chimera.agents.memory import asked, past, told
from chimera.agents.summary import summary
from chimera.diagnosis.blast import blast
from chimera.diagnosis.nodes import views
from chimera.diagnosis.ranking import rank
from chimera.domain import Diagnosis, Incident, data_nodes

CHANGES = timedelta(minutes=30)  # before the first symptom
MARGIN = timedelta(seconds=30)  # around an earlier incident: it was sick before it was noticed
CLOSER = 2  # suspects that are looked at more closely


class RulePlanner:
    """What was changed, what is known; then what moved; then logs, place and past of the best
    suspects; then what resolved incidents were like this."""

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
        if looked_closer(run):
            return self.offered(means, [asked(run, means)])  # once: a repeated call is not made
        verdict = rank(case_of(run, means))
        calls = []
        suspects = list(dict.fromkeys(s.target for s in verdict.suspects))[:CLOSER]
        for name in suspects or [task.incident.service]:
            window = {"began": began.isoformat(), "until": until.isoformat()}
            calls.append(Call("search_logs", {"service": name, **window}))
            if means.estate.node(name):
                calls.append(Call("walk_topology", {"name": name}))
            of_it = {"service": name, "besides": task.incident.id}
            calls.append(Call("past_incidents", of_it))
        return self.offered(means, calls)

    def compare(self, run: Investigation, means: Means) -> Sequence[Call]:
        """Before and since, without what earlier incidents did to the time before."""
        task = run["task"]
        began = task.incident.began
        earlier: list[Incident] = [
            i for one in looks(run, "past_incidents") for i in one.data or ()
        ]
        sick = [
            ((i.began - MARGIN).isoformat(), min(i.resolved, began).isoformat(), shown_by(i))
            for i in earlier
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
        recalled = past(run)
        findings = found(verdict, recalled, run, means)
        if not findings:
            why = f"No cause can be named: {verdict.why}."
            return no_answer(why, verdict.next_looks, steps, partial)
        causes = [f for at, f in enumerate(findings) if at == 0 or f.also]
        targets = [f.target or "" for f in causes]
        felt = dict.fromkeys(name for target in targets for name in means.estate.felt_by(target))
        node = means.estate.node(targets[0])
        first_seen = means.estate.node(run["task"].incident.service)
        like = told(recalled)
        return Diagnosis(
            findings=findings,
            summary=summary(findings, like, run),
            next_looks=verdict.next_looks,
            affected=tuple(felt),
            blast=blast(case, views(case), [(f.target or "", f.kind) for f in causes]),
            like=like,
            owner=(node.owner if node else "") or (first_seen.owner if first_seen else ""),
            steps=steps,
            partial=partial,
        )


def looked_closer(run: Investigation) -> bool:
    """Whether the best suspects were looked at one by one."""
    return any(
        call.tool in ("search_logs", "walk_topology") or call.arguments.get("service")
        for call, _ in run.get("seen", {}).values()
    )


def shown_by(incident: Incident) -> list[str]:
    """Where an incident showed, and what was to blame: whose past it spoilt."""
    named = [name for symptom in incident.symptoms for name in data_nodes(symptom.labels)]
    causes = incident.diagnosis.causes if incident.diagnosis else ()
    blamed = [finding.target or "" for finding in causes]
    every = (incident.service, *incident.services, *named, *blamed)
    return [name for name in dict.fromkeys(every) if name]
