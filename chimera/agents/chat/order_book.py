"""Orders: those that wait, those that were carried out, whose they are; and one with its plan."""

from __future__ import annotations

import re
from dataclasses import replace

from chimera.agents.chat.shape import Ask, Looks, Reply, Table
from chimera.agents.chat.telling import ago, failed, joined, unknown
from chimera.agents.understanding.reading import Reading
from chimera.platform.store.records import OrderRecord

APPROVED = re.compile(
    r"\bdid [\w@.-]+ (?:already |really )?(?:approve|sign off|accept|ok|deny|agree)\b"
    r"|\bwho (?:has |had |have )?(?:approved|signed off|accepted|ok'?d|agreed)\b",
    re.I,
)
WAITING = re.compile(r"\b(?:wait|waiting|pending|approve|approval|approvals|queued)\b")
PAST = re.compile(
    r"\b(?:did|has|have|had|who) (?:[\w@.-]+ ){0,3}?(?:approved?|den(?:y|ied))\b", re.I
)
MAY = re.compile(
    r"\bwho (?:can|may|could|must|should|has to|is allowed to|will) (?:still )?(?:approve|sign)",
    re.I,
)
DONE = re.compile(r"\b(restart|roll(?:ed)? ?back|scale|silence|clean|recycl|repair)", re.I)
VERBS = {
    "restart": "restart_service",
    "rollback": "roll_back_release",
    "rolledback": "roll_back_release",
    "scale": "scale_service",
    "silence": "silence",
    "clean": "clean_disk",
    "recycl": "recycle_pool",
}


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
    text = ask.reading.text.lower()
    person = await somebody(ask, looks)
    if not person and (strange := unknown(ask)):
        return strange
    waiting = not PAST.search(text) and bool(WAITING.search(text))
    running = bool(re.search(r"\b(running|in progress)\b", text))
    state = "waiting" if waiting else "running" if running else ""
    look = await looks.see("list_orders", state=state, target=ask.named)
    if away := failed(look):
        return away
    records: tuple[OrderRecord, ...] = tuple(
        r for r in look.data if not person or person in hands(r)
    )
    if ask.reading.span.since:
        records = tuple(r for r in records if r.order.created >= ask.reading.span.since)
    verb = DONE.search(text) if not state else None
    if verb and (name := VERBS.get(verb[1].replace(" ", "").lower())):
        records = tuple(r for r in records if r.order.runbook == name)
    of = f" on {ask.named}" if ask.named else ""
    if person and not records and look.data and (ask.named or verb):
        lead = f"No order{of} has {person}'s hand in it. "
        found = await orders(replace(ask, reading=nobodys(ask.reading)), looks)
        return found.model_copy(update={"text": lead + found.text})
    of += f" with {person}'s hand in it" if person else ""
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


async def somebody(ask: Ask, looks: Looks) -> str:
    """The person who is named, as orders know people; "" where none is."""
    strange = {name.lower().removesuffix("'s") for name in ask.reading.named.unknown}
    words = strange or set(re.findall(r"[a-z][\w.@-]+", ask.reading.text.lower()))
    look = await looks.see("list_orders")
    people = {one for record in look.data or () for one in hands(record)} - {"chimera"}
    return next((one for one in sorted(people) if one.lower() in words), "")


def nobodys(reading: Reading) -> Reading:
    """The question without the name of a person."""
    names = "|".join(re.escape(name) for name in reading.named.unknown)
    text = re.sub(rf"\b(?:{names})\b", "somebody", reading.text, flags=re.I) if names else ""
    named = replace(reading.named, unknown=())
    return replace(reading, text=text, named=named)


def hands(record: OrderRecord) -> set[str]:
    """Everybody who asked for an order, or answered it."""
    answer, outcome = record.approval, record.outcome
    found = {record.order.requested_by, answer.approver if answer else ""}
    found.add((outcome.approved_by if outcome else "") or "")
    return found - {""}


def unapproved(record: OrderRecord) -> str:
    """Whose word an order has, or that it has nobody's."""
    if record.approval:
        said = "approved" if record.approval.granted else "denied"
        return f"{record.order.id} was {said} by {record.approval.approver}."
    return f"Nobody has approved {record.order.id} yet."


async def order(ask: Ask, looks: Looks) -> Reply:
    """One order with its plan."""
    wanted = ask.reading.named.order or ask.focus.get("order", "")
    if not wanted and (incident := ask.incident):
        of_it = await looks.see("list_orders", incident=incident)
        wanted = of_it.data[0].order.id if of_it.data else ""
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
    if MAY.search(ask.reading.text) and record.state == "waiting":
        by = record.order.requested_by
        lines.insert(0, f"Whoever has the role approver, but not {by}, who asked for it.")
    if record.outcome:
        why = f": {record.outcome.reason}" if record.outcome.reason else ""
        lines.append(f"Outcome: {record.outcome.status}{why}.")
    focus = {"order": wanted, "node": record.order.target}
    return Reply(text=" ".join(lines), evidence=look.evidence, focus=focus)
