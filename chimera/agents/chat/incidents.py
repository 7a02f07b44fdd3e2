"""Which incident a wish is about, and which of its causes; asked, where it is not plain."""

from __future__ import annotations

import re
from dataclasses import replace

from chimera.agents.chat.shape import Ask, Looks, Reply
from chimera.agents.chat.telling import ago, clock, failed, incidents_table
from chimera.agents.understanding.actions import Wish
from chimera.agents.understanding.faults import kinds_in
from chimera.domain import Finding, Incident

TEAM = re.compile(r"(?:xnode|xdata)\b(?: team| owners?)?")


async def incident_for(ask: Ask, looks: Looks, wish: Wish) -> Reply | Wish:
    to_its_team = TEAM.match(wish.parameters.get("to", ""))  # then a name is whose team it is
    named = "" if to_its_team else wish.target
    subject = wish.subject or ("" if named else ask.focus.get("incident", ""))
    if not subject:
        look = await looks.see("list_incidents", state="open", service=named)
        if away := failed(look):
            return away
        if len(look.data) != 1:
            tables = (incidents_table(look.data, ask.now),) if look.data else ()
            text = "Which incident?" if look.data else "No incident is open."
            return Reply(kind="question" if look.data else "refused", text=text, tables=tables)
        subject = look.data[0].id
    look = await looks.see("show_incident", incident=subject)
    if away := failed(look):
        return away
    if over := look.data.incident.resolved:
        when = f" since {clock(over)} ({ago(over, ask.now)})"
        return Reply(
            kind="refused", text=f"{subject} is resolved already,{when}. Nothing was done."
        )
    has = look.data.incident.acknowledged_by
    if wish.kind == "acknowledge" and has:
        whom = "you" if has == ask.who.id else has
        text = f"{subject} is acknowledged already, by {whom}. Nothing was done."
        more = "" if has == ask.who.id else f" Say `hand {subject} over to me` to have it."
        return Reply(kind="refused", text=text + more)
    if wish.kind == "hand_over":
        wish = replace(wish, parameters=taker(ask, wish, look.data.incident.service))
    return replace(wish, subject=subject)


def taker(ask: Ask, wish: Wish, service: str) -> dict[str, str]:
    """To whom it goes: "the owner" is the team of the service, "the web team" whoever owns web."""
    to = wish.parameters.get("to", "")
    node = wish.target if TEAM.match(to) else service
    if TEAM.fullmatch(to) or re.fullmatch(r"owners?(?: of it)?|owning team|team", to):
        found = ask.known.estate.node(node)
        to = found.owner if found and found.owner else to
    return {"to": to}


async def doubted(ask: Ask, looks: Looks, wish: Wish) -> Reply | Wish:
    """The incident and the cause that somebody says it was not."""
    incident = wish.subject or ask.focus.get("incident", "")
    if not incident:
        look = await looks.see("list_incidents", state="open")
        if away := failed(look):
            return away
        blaming = [one for one in look.data if cause_of(one, wish) is not None]
        if len(blaming) != 1:
            tables = (incidents_table(look.data, ask.now),) if look.data else ()
            text = "The cause of which incident? Name it, and nothing is kept until then."
            return Reply(kind="question", text=text, tables=tables)
        incident = blaming[0].id
    look = await looks.see("show_incident", incident=incident)
    if away := failed(look):
        return away
    one: Incident = look.data.incident
    findings = one.diagnosis.findings if one.diagnosis else ()
    if not findings:
        text = f"{incident} names no cause that could be doubted, so nothing was kept."
        return Reply(kind="refused", text=text, focus={"incident": incident})
    meant = cause_of(one, wish)
    if meant is None:
        named = "; ".join(dict.fromkeys(f.cause or f.target or "" for f in findings))
        what = wish.target or wish.parameters.get("blamed", "that")
        text = f"{incident} does not blame {what}, so nothing was kept. It names: {named}."
        return Reply(kind="refused", text=text, focus={"incident": incident})
    return replace(wish, subject=incident, target=meant.target or "")


def cause_of(incident: Incident, wish: Wish) -> Finding | None:
    """The cause that is meant: of this node, of this kind, or the first one."""
    findings = incident.diagnosis.findings if incident.diagnosis else ()
    blamed = wish.parameters.get("blamed", "").split(" ")[0]
    kinds = kinds_in(blamed)
    for finding in findings:
        if wish.target and finding.target != wish.target:
            continue
        if blamed and finding.kind not in kinds:
            continue
        return finding
    return None
