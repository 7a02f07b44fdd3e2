"""The agent of operations: runbooks, orders, brakes. It proposes; policy and people decide."""

from __future__ import annotations

import re

from chimera.agents.chat.proposing import complete
from chimera.agents.chat.shape import Agent, Ask, Looks, Reply, Table
from chimera.agents.chat.telling import ago, clock, failed, joined, unknown
from chimera.agents.chat.unheard import unheard
from chimera.platform.store.records import OrderRecord

APPROVED = re.compile(
    r"\bwho (?:has |had |have )?(?:approved|signed off|accepted|ok'?d|agreed)\b", re.I
)
ASKED_OF = re.compile(
    r"\b(?P<env>prod|production|staging|stage|dev|development|test|everything|\w[\w-]*)"
    r"(?: environment)? (?:still |currently |now )?(?:paused|frozen|on hold|stopped)\b",
    re.I,
)
SHORT = {"prod": "production", "stage": "staging", "dev": "development"}
DONE = re.compile(r"\b(restart|roll(?:ed)? ?back|scale|silence|clean|repair)", re.I)
VERBS = {
    "restart": "restart_service",
    "rollback": "roll_back_release",
    "rolledback": "roll_back_release",
    "scale": "scale_service",
    "silence": "silence",
    "clean": "clean_disk",
}


async def runbooks(ask: Ask, looks: Looks) -> Reply:
    """What could be done, there or anywhere. Nothing is done."""
    if strange := unknown(ask):
        return strange
    node = ask.node
    look = await looks.see("list_runbooks", target=node)
    if away := failed(look):
        return away
    rows = tuple(
        (c.name, c.summary, c.risk.value, "yes" if c.reversible else "no") for c in look.data
    )
    on = f" on {node}" if node else ""
    names = joined((c.name for c in look.data), "none")
    lines = [f"Runbooks allowed{on}: {names}."]
    if node:
        lineage = await looks.see("trace_lineage", name=node)
        if lineage.data:
            lines.append(f"Who feels it: {joined(lineage.data.downstream)}.")
        open_ = await looks.see("list_incidents", state="open", service=node)
        best = next((f for i in open_.data or () if i.diagnosis for f in i.diagnosis.by_turn), None)
        if best and best.runbook:
            lines.append(
                f"The diagnosis of {open_.data[0].id} suggests {best.runbook} on {best.target}."
            )
        elif not open_.trouble and not open_.data:
            lines.append(f"{node} has no open incident, so nothing needs a repair that I know of.")
    lines.append("Nothing was done: say for example `restart SERVICE`, and it becomes an order.")
    table = Table(columns=("runbook", "what", "risk", "way back"), rows=rows)
    focus = {"node": node} if node else {}
    return Reply(
        text=" ".join(lines), tables=(table,) if rows else (), evidence=look.evidence, focus=focus
    )


def order_rows(records: tuple[OrderRecord, ...], ask: Ask) -> Table:
    rows = tuple(
        (
            r.order.id,
            r.order.runbook,
            r.order.target,
            r.outcome.status if r.outcome else r.state,
            r.order.requested_by,
            ago(r.order.created, ask.now),
        )
        for r in records[:15]
    )
    return Table(columns=("order", "runbook", "target", "state", "asked by", "when"), rows=rows)


async def orders(ask: Ask, looks: Looks) -> Reply:
    """Orders: those that wait, or what was done to something."""
    if strange := unknown(ask):
        return strange
    text = ask.reading.text.lower()
    waiting = bool(re.search(r"\b(wait|waiting|pending|approve|approval|approvals|queued)\b", text))
    running = bool(re.search(r"\b(running|in progress)\b", text))
    state = "waiting" if waiting else "running" if running else ""
    look = await looks.see("list_orders", state=state, target=ask.named)
    if away := failed(look):
        return away
    records: tuple[OrderRecord, ...] = look.data
    if ask.reading.span.since:
        records = tuple(r for r in records if r.order.created >= ask.reading.span.since)
    verb = DONE.search(text) if not state else None
    if verb and (name := VERBS.get(verb[1].replace(" ", "").lower())):
        records = tuple(r for r in records if r.order.runbook == name)
    of = f" on {ask.named}" if ask.named else ""
    if not records:
        kind = "waits for an approval" if waiting else "is running" if running else "is on record"
        what = f" that would {verb[1].lower()} something" if verb else ""
        return Reply(
            text=f"No order{what}{of} {kind}.", focus={"node": ask.named} if ask.named else {}
        )
    last = records[0]
    end = last.outcome.status if last.outcome else last.state
    lead = f"{len(records)} order{'s' if len(records) > 1 else ''}{of}"
    lead += " waiting for an approval" if waiting else ""
    reason = f", reason: {last.order.reason!r}" if last.order.reason else ""
    by = (
        f" approved by {last.outcome.approved_by},"
        if last.outcome and last.outcome.approved_by
        else ""
    )
    lines = [
        f"{lead}. The newest: {last.order.id}, {last.order.runbook} on {last.order.target}, asked by "
        f"{last.order.requested_by} {ago(last.order.created, ask.now)},{by} {end}{reason}."
    ]
    if APPROVED.search(text) and not last.outcome:
        lines.append(unapproved(last))
    focus = {"order": last.order.id, "node": last.order.target}
    return Reply(
        text=" ".join(lines),
        tables=(order_rows(records, ask),),
        evidence=look.evidence[:6],
        focus=focus,
    )


def unapproved(record: OrderRecord) -> str:
    """Whose word an order has, or that it has nobody's."""
    if record.approval:
        said = "approved" if record.approval.granted else "denied"
        return f"{record.order.id} was {said} by {record.approval.approver}."
    return f"Nobody has approved {record.order.id} yet."


async def order(ask: Ask, looks: Looks) -> Reply:
    """One order with its plan."""
    wanted = ask.reading.named.order or ask.focus.get("order", "")
    if not wanted:
        return await orders(ask, looks)
    look = await looks.see("show_order", order=wanted)
    if away := failed(look):
        return away
    record: OrderRecord = look.data
    lines = [
        f"{wanted}: {record.order.runbook} on {record.order.target}, asked by "
        f"{record.order.requested_by}; {record.state}."
    ]
    if record.plan:
        plan = record.plan
        lines.append(
            f"It does: {plan.does}. Way back: {plan.undo}. Felt by: {joined(plan.blast_radius)}."
        )
    if record.decision:
        lines.append(f"Policy: {record.decision.verdict}, {record.decision.reason}.")
    if record.approval:
        said = "approved" if record.approval.granted else "denied"
        lines.append(f"{said.capitalize()} by {record.approval.approver}.")
    if APPROVED.search(ask.reading.text) and not (record.approval or record.outcome):
        lines.insert(0, unapproved(record))
    if record.outcome:
        why = f": {record.outcome.reason}" if record.outcome.reason else ""
        lines.append(f"Outcome: {record.outcome.status}{why}.")
    focus = {"order": wanted, "node": record.order.target}
    return Reply(text=" ".join(lines), evidence=look.evidence, focus=focus)


async def brakes(ask: Ask, looks: Looks) -> Reply:
    """What is paused and what is silenced."""
    look = await looks.see("list_brakes", at=ask.now)
    if away := failed(look):
        return away
    held = look.data
    lines = []
    for pause in held.pauses:
        where = "everywhere" if pause.environment == "*" else f"in {pause.environment}"
        reason = f": {pause.reason}" if pause.reason else ""
        lines.append(
            f"Changes are paused {where} since {clock(pause.at)} ({ago(pause.at, ask.now)}) "
            f"by {pause.by}{reason}."
        )
    if said := of_environment(ask, {pause.environment for pause in held.pauses}):
        lines.insert(0, said)
    silences = held.silences
    if ask.named:
        silences = tuple(
            s
            for s in silences
            if s.matcher.matches(ask.named, "", "", {}) or ask.named in s.matcher.services
        )
    for silence in silences:
        lines.append(f"{silence.id}: {silence}.")
    if not held.pauses:
        lines.append("Changes are not paused.")
    if not silences:
        of = f" of {ask.named}" if ask.named else ""
        lines.append(f"Nothing{of} is silenced.")
    focus = {"silence": silences[0].id} if len(silences) == 1 else {}
    return Reply(text=" ".join(lines), evidence=look.evidence, focus=focus)


def of_environment(ask: Ask, paused: set[str]) -> str:
    """Yes or no for the environment that was asked about; "" where none was."""
    match = ASKED_OF.search(ask.reading.text)
    name = match["env"].lower() if match else ""
    name = SHORT.get(name, name)
    known = {*paused, ask.known.estate.environment, *SHORT.values(), "test"}
    if name not in known:
        return ""
    held = name in paused or "*" in paused
    return f"Yes: {name} is paused." if held else f"No: {name} is not paused."


OPERATIONS = Agent(
    name="operations",
    purpose="Which runbooks there are, which orders wait or were carried out, what is paused or "
    "silenced; and changes, which it only proposes.",
    tools=(
        "list_runbooks",
        "list_orders",
        "show_order",
        "list_brakes",
        "list_changes",
        "list_incidents",
        "show_incident",
        "trace_lineage",
        "watched_signals",
        "signals_now",
    ),
    skills={
        "runbooks": runbooks,
        "orders": orders,
        "order": order,
        "brakes": brakes,
        "unheard": unheard,
    },
    says=(
        "restart SERVICE because REASON",
        "roll back the last release of SERVICE",
        "silence SERVICE for an hour",
        "what waits for approval?",
    ),
    proposes=complete,
)
