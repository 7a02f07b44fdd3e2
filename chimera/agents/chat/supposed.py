"""A supposed cause held against what is known: the diagnosis, the changes, the graph, the signals.

The answer begins with its verdict; then what is wrong with the effect and why, whether the supposed
change was made, how the supposed cause is, and whether its trouble could have come that far at all.
"""

from __future__ import annotations

import re
from datetime import timedelta

from chimera.agents.chat.condition import condition
from chimera.agents.chat.condition_told import detail, its_signals, opening
from chimera.agents.chat.harm import harmed
from chimera.agents.chat.shape import Ask, Looks, Reply
from chimera.agents.chat.suspects import Suspect, happened, suspect_of
from chimera.agents.chat.telling import failed
from chimera.agents.chat.verdicts import Verdict, gravest, judged, of_several
from chimera.agents.understanding.names import suggestion
from chimera.agents.understanding.supposing import Supposition
from chimera.domain import Incident

DAY = timedelta(hours=24)
PAST = re.compile(r"\b(?:was|were|did|had|broke|took|killed|caused|brought|made)\b", re.I)
STEM = 5  # letters by which a word of a question is found again in an incident
SMALL = re.compile(
    r"\b(?:about|after|again|because|been|being|customers|errors|fail\w*|from|have|issues?|problems?|slow|"
    r"started|still|that|their|there|these|they|things?|this|those|trouble|users|what|when|which|while|"
    r"with|your)\b"
)
TOLD = 2  # incidents of one answer


async def supposed(ask: Ask, looks: Looks) -> Reply:
    """Whether what somebody takes for the cause is it."""
    said = ask.reading.supposed or Supposition(ask.reading.text, of=ask.reading.named)
    suspect = await suspect_of(ask, looks, said)
    if said.harm and not said.on.nodes:
        return await harmed(ask, looks, suspect)
    strange = "" if said.on.nodes or not said.on.unknown else said.on.unknown[0]
    found = await incidents_on(ask, looks, said, suspect)
    if isinstance(found, Reply):
        return found
    effect = said.on.nodes[0] if said.on.nodes else ""
    if strange and not found:
        text = f"I know no service, step or dataset called {strange!r}. {suggestion(strange, ask.known)}"
        return Reply(kind="refused", text=text)
    if suspect.change and all(one.resolved and one.began < suspect.change.at for one in found):
        found = []  # what was over before the change was made
    if not found:
        return await unharmed(ask, looks, suspect, effect or ask.focus.get("node", ""))
    verdicts = [judged(one, suspect) for one in found[:TOLD]]
    lines = [of_several(verdicts)]
    lines += happened(ask, suspect, found[0])
    lines += await itself(ask, looks, suspect, verdicts, effect or found[0].service)
    if effect and found[0].resolved:
        lines.append(detail(await condition(ask, looks, effect)))
    best = verdicts[0]
    cited = best.finding.evidence if best.finding else ()
    focus = {"incident": found[0].id, "node": effect or found[0].service}
    if stranger := suspect.unknown and not suspect.node:
        lines.insert(0, f"I know nothing called {suspect.unknown!r}.")
    return Reply(
        kind="refused" if stranger else "answer",
        text=" ".join(lines),
        evidence=(*cited[:4], *suspect.evidence),
        focus=focus,
        partial=bool(suspect.blind),
    )


async def incidents_on(
    ask: Ask, looks: Looks, said: Supposition, suspect: Suspect
) -> list[Incident] | Reply:
    """The incidents that the effect is about: by id, by node, by its words, or what was spoken of."""
    wanted = said.on.incident or ("" if said.effect else ask.focus.get("incident", ""))
    if wanted:
        look = await looks.see("show_incident", incident=wanted)
        return failed(look) or [look.data.incident]
    for node in said.on.nodes[:2]:
        look = await looks.see("list_incidents", state="open", service=node)
        if away := failed(look):
            return away
        if look.data:
            return gravest(look.data)
    look = await looks.see("list_incidents", state="all", service=next(iter(said.on.nodes), ""))
    if away := failed(look):
        return away
    over = [one for one in look.data if one.resolved]
    if said.on.nodes:
        return over[:1] if PAST.search(ask.reading.text) else []
    open_ = [one for one in look.data if not one.resolved]
    words = stems(said.effect)
    if about := [one for one in open_ if words & stems(worded(one))]:
        return gravest(about)
    blamed = [one for one in open_ if suspect.node and judged(one, suspect).word == "Yes"]
    return gravest(blamed or open_)


def worded(one: Incident) -> str:
    return " ".join((one.title, one.impact, one.service, *one.services))


def stems(text: str) -> set[str]:
    return {word[:STEM] for word in re.findall(r"[a-z]{4,}", SMALL.sub(" ", text.lower()))}


async def unharmed(ask: Ask, looks: Looks, suspect: Suspect, effect: str) -> Reply:
    """Nothing is on record of the effect: what its own signals say, and whether it was so at all."""
    node = effect or suspect.node
    change = happened(ask, suspect, None)
    if not node:
        text = "No: nothing is wrong that I know of, there is no open incident."
        return Reply(text=" ".join((text, *change)), evidence=suspect.evidence)
    state = await condition(ask, looks, node)
    lines = [f"{opening(state)} {detail(state)}", *change]
    if suspect.node and suspect.node != node:
        lines.append(reach(ask, suspect.node, node))
    return Reply(
        text=" ".join(line for line in lines if line),
        evidence=(*state.shifts, *suspect.evidence),
        focus={"node": node, "incident": ""},
        partial=state.partial,
    )


async def itself(
    ask: Ask, looks: Looks, suspect: Suspect, verdicts: list[Verdict], effect: str
) -> list[str]:
    """How the supposed cause is, and whether its trouble could reach the effect."""
    node = suspect.node or (effect if suspect.kinds else "")
    if not node or any(verdict.word == "Yes" for verdict in verdicts):
        return []
    state = await condition(ask, looks, node)
    lines = its_signals(state, suspect.kinds)
    if node == effect or any(v.finding and v.finding.target == node for v in verdicts):
        return lines
    return [reach(ask, node, effect), detail(state), *lines]


def reach(ask: Ask, node: str, effect: str) -> str:
    """Whether a trouble travels from one node to the other."""
    way = ask.known.estate.way(node, effect)
    if len(way) > 2:
        return f"Trouble of {node} could reach {effect} by way of {', '.join(way[1:-1])}."
    if way:
        return f"{effect} stands on {node}, so trouble there could reach it."
    back = ask.known.estate.way(effect, node)
    other = f"; it is the other way round, {node} stands on {effect}" if back else ""
    return f"No way leads from {node} to {effect} in the estate{other}."
