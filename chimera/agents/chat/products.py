"""The estate's data: where it comes from, how fresh it is, which there is."""

from __future__ import annotations

import math
import re

from chimera.agents.chat.shape import Ask, Looks, Reply, Table
from chimera.agents.chat.telling import failed, joined, unknown, which
from chimera.agents.chat.topology import stands_on
from chimera.domain import Estate, SignalKind
from chimera.tools.signals_now import Now


async def lineage(ask: Ask, looks: Looks) -> Reply:
    """Where it comes from, step by step, and whom it reaches."""
    if strange := unknown(ask):
        return strange
    if not ask.node:
        return which(ask, "dataset")
    look = await looks.see("trace_lineage", name=ask.node)
    if away := failed(look):
        return away
    estate: Estate = ask.known.estate
    writers = joined((n.name for n in estate.nodes if ask.node in n.writes), "no step")
    readers = joined((n.name for n in estate.nodes if ask.node in n.reads), "nobody")
    found = look.data
    text = stands_on(ask) + (
        f"{ask.node} comes from {joined(found.upstream, 'nothing else')} and reaches "
        f"{joined(found.downstream)}."
    )
    if ask.known.is_data(ask.node):
        text += f" It is written by {writers} and read by {readers}."
    return Reply(text=text, evidence=look.evidence, focus={"node": ask.node})


async def freshness(ask: Ask, looks: Looks) -> Reply:
    """How old the newest data of a dataset, or of all, is."""
    if strange := unknown(ask):
        return strange
    names: tuple[str, ...] = ()
    if ask.node and (ask.named or ask.reading.named.pronoun):
        names = (ask.node,)
    if names and not ask.known.is_data(names[0]):
        node = ask.known.estate.node(names[0])
        names = (node.writes or node.reads or names) if node else names
    look = await looks.see("signals_now", names=names, minutes=10, at=ask.now)
    if away := failed(look):
        return away
    ages: list[Now] = [r for r in look.data if r.kind is SignalKind.FRESHNESS]
    if not ages:
        of = f" of {joined(names)}" if names else ""
        return Reply(
            text=f"No freshness{of} is measured, so I cannot say how old it is.", partial=True
        )
    open_ = await looks.see(
        "list_incidents", state="open", service=names[0] if len(names) == 1 else ""
    )
    lines, rows = [], []
    limits = {
        slo.node: slo.indicator.threshold
        for slo in ask.known.estate.slos
        if slo.indicator.kind == "freshness"
    }
    for one in ages:
        name = next((v for k, v in one.labels.items() if k == "dataset"), one.service)
        limit = limits.get(name, one.limit)
        age = "no value" if math.isnan(one.value) else f"{one.value:.0f} s"
        state = "no data"
        if not math.isnan(one.value):
            state = "no promise" if limit is None else "late" if one.value > limit else "fresh"
        rows.append((name, age, f"{limit:.0f} s" if limit is not None else "-", state))
        if len(ages) <= 2 or state in ("late", "no data"):
            promised = f", promised {limit:.0f} s: {state}" if limit is not None else ""
            lines.append(f"The newest data of {name} is {age} old{promised}.")
    late = [row[0] for row in rows if row[3] == "late"]
    if not lines:
        lines.append(
            "No dataset is later than promised."
            if any(r[3] == "fresh" for r in rows)
            else "Freshness of every dataset is below."
        )
    for one in (open_.data or ())[:1] if names else ():
        lines.append(f"Open: {one.id}, {one.title}.")
    if late and not names:
        lines.append(f"Late: {joined(late)}.")
    return Reply(
        text=" ".join(lines),
        tables=(Table(columns=("dataset", "age", "promised", "state"), rows=tuple(rows)),),
        evidence=tuple(e for e in look.evidence if "freshness" in e.claim)[:6] or look.evidence[:3],
        focus={"node": names[0]} if names else {},
        partial=look.partial,
    )


async def schema(ask: Ask, looks: Looks) -> Reply:
    """The columns of a dataset and their types."""
    if strange := unknown(ask):
        return strange
    if not ask.node:
        return which(ask, "dataset")
    look = await looks.see("list_datasets")
    if away := failed(look):
        return away
    if ask.node not in look.data:
        there = ", ".join(look.data) or "none"
        return Reply(
            kind="refused",
            text=f"There are no files of {ask.node} here; there are files of {there}.",
        )
    columns = look.data[ask.node]
    wanted = ask.reading.named.unknown
    lead = ""
    if wanted and re.search(r"\bcolumn|field\b", ask.reading.text.lower()):
        lead = f"{ask.node} has no column {wanted[0]!r}. "
    rows = tuple(columns.items())
    listed = ", ".join(f"{name} ({kind})" for name, kind in rows)
    return Reply(
        text=f"{lead}{ask.node} has {len(rows)} columns: {listed}.",
        tables=(Table(columns=("column", "type"), rows=rows),),
        evidence=tuple(e for e in look.evidence if e.query == f"dataset {ask.node}"),
        focus={"node": ask.node},
    )


async def datasets(ask: Ask, looks: Looks) -> Reply:
    """Which datasets there are."""
    look = await looks.see("list_datasets")
    known = [n for n in ask.known.estate.nodes if n.kind == "dataset"]
    files = look.data or {}
    names = list(dict.fromkeys((*(n.name for n in known), *files)))
    rows = []
    for name in names:
        node = ask.known.estate.node(name)
        rows.append(
            (
                name,
                (node.owner if node else "") or "-",
                str(len(files.get(name, ()))) if name in files else "no files here",
                node.description if node else "",
            )
        )
    text = f"{len(names)} datasets: {joined(names, 'none')}."
    return Reply(
        text=text,
        tables=(Table(columns=("dataset", "owner", "columns", "what"), rows=tuple(rows)),),
        evidence=look.evidence,
    )
