"""The estate's data: where it comes from, how fresh and how good it is, what it says."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from chimera.agents.chat.filters import filtered
from chimera.agents.chat.shape import Ask, Looks, Reply, Table
from chimera.agents.chat.tables import mentions, no_column, sql_for
from chimera.agents.chat.telling import failed, joined, unknown, which
from chimera.domain import Estate, SignalKind
from chimera.platform.access.datasets import Column, quoted
from chimera.tools.signals_now import Now

K = SignalKind
EMPTY = re.compile(
    r"\b(?:complete|completeness|incomplete|empty|emptiness|missing|filled|unfilled|nulls?|blanks?|populated|unset|"
    r"without (?:an? )?|have no|has no|with no|lacks?|lacking)\b"
)
FIELD = re.compile(r"\b(?:(?P<before>\w+) (?:column|field)|(?:column|field) (?P<after>\w+))\b")
NOT_NAMES = (
    "which",
    "what",
    "any",
    "every",
    "each",
    "the",
    "in",
    "of",
    "is",
    "are",
    "has",
    "have",
    "empty",
)
TOLD = frozenset((K.NULLS, K.VOLUME, K.SCHEMA, K.DRIFT, K.DUPLICATES, K.LAG))


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
    text = (
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
        names = node.writes if node and node.writes else names
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


async def quality(ask: Ask, looks: Looks) -> Reply:
    """Empty fields, rows, schema: of the files and of the signals."""
    if strange := unknown(ask):
        return strange
    if not ask.node:
        return which(ask, "dataset")
    profile = await looks.see("profile_dataset", name=ask.node)
    if profile.data and (one := completeness(ask, *profile.data)):
        return one.model_copy(update={"evidence": profile.evidence})
    signals = await looks.see("signals_now", names=(ask.node,), minutes=30, at=ask.now)
    open_ = await looks.see("list_incidents", state="open", service=ask.node)
    if profile.trouble and (signals.trouble or not signals.data):
        away = failed(profile)
        assert away is not None
        return away
    lines, rows = [], []
    if profile.data:
        total, columns = profile.data
        empty = [c for c in columns if c.nulls > 0]
        lines.append(f"{ask.node} has {total} rows and {len(columns)} columns.")
        if empty:
            told = ", ".join(
                f"{c.name} {c.nulls:.1%}" for c in sorted(empty, key=lambda c: -c.nulls)[:5]
            )
            lines.append(f"Empty fields: {told}.")
        else:
            lines.append("No field is empty.")
        rows = [(c.name, c.type, f"{c.nulls:.1%}", str(c.distinct), c.low, c.high) for c in columns]
    for one in signals.data or ():
        if one.kind in TOLD and not math.isnan(one.value):
            over = " (beyond its limit)" if one.over else ""
            lines.append(f"{one.signal} is {one.value:.3g}{over}.")
    lines += [f"Open: {i.id}, {i.title}." for i in (open_.data or ())[:2]]
    if not open_.data and not open_.trouble:
        lines.append("No incident is open for it.")
    columns_ = ("column", "type", "empty", "different", "least", "greatest")
    return Reply(
        text=" ".join(lines),
        tables=(Table(columns=columns_, rows=tuple(rows)),) if rows else (),
        evidence=(*profile.evidence, *signals.evidence[:4]),
        focus={"node": ask.node},
        partial=bool(profile.trouble or signals.trouble),
    )


def completeness(ask: Ask, total: int, columns: Sequence[Column]) -> Reply | None:
    """How many rows have a value in the columns that are asked about; None where none is."""
    text = ask.reading.text.lower().replace(ask.node.lower(), " ")
    if not EMPTY.search(text):
        return None
    fields = {c.name: c.type for c in columns}
    found = mentions(text, fields)
    spoken = FIELD.search(text)
    wanted = (spoken["before"] or spoken["after"]) if spoken else ""
    if not found and wanted and wanted not in NOT_NAMES:
        return no_column(ask.node, wanted, fields)
    if not found:
        return None
    lines = []
    for one in (c for c in columns if c.name in found):
        empty = round(one.nulls * total)
        lines.append(
            f"{one.name} of {ask.node} is {1 - one.nulls:.1%} complete: {empty} of {total} rows "
            f"({one.nulls:.1%}) have no value in it."
        )
    return Reply(text=" ".join(lines), focus={"node": ask.node})


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


async def sql(ask: Ask, looks: Looks) -> Reply:
    """A question over the data: the statement is made, checked, shown and run."""
    if (strange := unknown(ask)) and not ask.reading.sql:
        return strange
    if not looks.offered("ask_data"):
        return Reply(
            kind="refused", text="I have no datasets to ask here: no folder of them is configured."
        )
    if not ask.reading.sql and EMPTY.search(ask.reading.text.lower()):
        return await quality(ask, looks)
    made = sql_for(ask)
    if isinstance(made, Reply):
        return made
    source = next((n for n in ask.known.columns if f" FROM {quoted(n)}" in made), "")
    if source and not ask.reading.sql:
        made = await filtered(ask, looks, made, source)
    look = await looks.see("ask_data", sql=made)
    if away := failed(look):
        return away
    found = look.data
    rows = tuple(tuple("" if v is None else shown(v) for v in row) for row in found.rows)
    lead = f"{len(rows)} rows."
    if len(rows) == 1 and len(found.columns) == 1:
        lead = f"{found.columns[0].replace('_', ' ')}: {rows[0][0]}."
    elif rows and len(found.columns) == 2:
        lead = f"{rows[0][0]} leads with {rows[0][1]}; {len(rows)} rows."
    cut = " There may be more." if found.cut else ""
    return Reply(
        text=f"{lead}{cut} SQL: `{found.sql}`",
        tables=(Table(columns=found.columns, rows=rows[:50]),),
        evidence=look.evidence,
        focus={"node": next((n for n in ask.reading.named.nodes if n in ask.known.columns), "")},
    )


def shown(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)[:80]
