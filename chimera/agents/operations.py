"""The agent of operations: runbooks, orders, brakes. It proposes; policy and people decide."""

from __future__ import annotations

import re

from chimera.agents.chat.order_book import order, orders
from chimera.agents.chat.proposing import complete
from chimera.agents.chat.shape import Agent, Ask, Looks, Reply, Table
from chimera.agents.chat.telling import ago, clock, failed, joined, unknown
from chimera.agents.chat.unheard import unheard

ASKED_OF = re.compile(
    r"\b(?P<env>prod|production|staging|stage|dev|development|test|everything|\w[\w-]*)"
    r"(?: environment)? (?:still |currently |now )?(?:paused|frozen|on hold|stopped)\b",
    re.I,
)
SHORT = {"prod": "production", "stage": "staging", "dev": "development"}


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
    focus |= {"node": ask.named} if ask.named else {}
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
