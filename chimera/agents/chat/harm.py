"""Whether a change, or a node, did any harm at all: incidents and signals since then, there and beyond."""

from __future__ import annotations

from datetime import timedelta

from chimera.agents.chat.condition import condition
from chimera.agents.chat.condition_told import detail
from chimera.agents.chat.shape import Ask, Looks, Reply
from chimera.agents.chat.suspects import Suspect, happened, missing
from chimera.agents.chat.telling import clock, failed, joined
from chimera.agents.chat.verdicts import gravest, judged, of_several
from chimera.agents.understanding.names import suggestion

HOUR = timedelta(hours=1)  # back, where no change is spoken of
TOLD = 2  # incidents of one answer


async def harmed(ask: Ask, looks: Looks, suspect: Suspect) -> Reply:
    """What a change, or a node, did to anything at all: incidents since, and signals since."""
    if suspect.unknown and not suspect.node:
        hint = suggestion(suspect.unknown, ask.known)
        text = f"I know no service, step or dataset called {suspect.unknown!r}. {hint}"
        return Reply(kind="refused", text=text)
    node = suspect.node or (suspect.change.service if suspect.change else "")
    if (suspect.changes or suspect.key) and not suspect.found and not suspect.blind:
        text = f"No: I see no {missing(suspect)} in the last 24 h that could have done any."
        if not node:
            return Reply(text=text)
        state = await condition(ask, looks, node)
        return Reply(text=f"{text} {detail(state)}", focus={"node": node}, partial=state.partial)
    if not node:
        return Reply(kind="question", text="Of which service, step or dataset?")
    around = (node, *ask.known.estate.felt_by(node))
    since = suspect.change.at if suspect.change else ask.now - HOUR
    look = await looks.see("list_incidents", state="all", since=since)
    if away := failed(look):
        return away
    theirs = [one for one in look.data if {one.service, *one.services} & set(around)]
    theirs = [one for one in theirs if not one.resolved or one.began >= since]
    if theirs := gravest(theirs):
        verdicts = [judged(one, suspect) for one in theirs[:TOLD]]
        lines = [of_several(verdicts), *happened(ask, suspect, theirs[0])]
        if all(verdict.word != "Yes" for verdict in verdicts):
            lines.append(detail(await condition(ask, looks, node)))
        cited = verdicts[0].finding.evidence if verdicts[0].finding else ()
        focus = {"incident": theirs[0].id, "node": node}
        return Reply(text=" ".join(lines), evidence=(*cited[:4], *suspect.evidence), focus=focus)
    moved = await looks.see(
        "compare_metrics", began=since, until=ask.now, services=around, baseline_minutes=30
    )
    if away := failed(moved):
        return away
    shifts = [e for e in moved.evidence if not e.claim.startswith("traffic")]
    where = f"{node} or of what stands on it ({joined(around[1:])})" if around[1:] else node
    if shifts:
        told = "; ".join(e.claim for e in shifts[:4])
        lines = [f"Perhaps: no incident was opened, but since {clock(since)} {told}."]
    else:
        text = f"Not that I can see: no signal of {where} has moved since {clock(since)}"
        lines = [f"{text}, and no incident of them was opened."]
    return Reply(
        text=" ".join((*lines, *happened(ask, suspect, None))),
        evidence=(*shifts[:4], *suspect.evidence),
        focus={"node": node},
        partial=moved.partial,
    )
