"""The record of an incident's investigations, or of a conversation's turns, as it is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chimera.cli.base.connection import Connection, part
from chimera.cli.diagnose.report import Report, Table
from chimera.domain import NotFound, Outcome, RunRecord, Veto

DIGEST = 10  # digits of a digest that people compare


def of_incident(name: str, api: Connection) -> Report:
    """Its runs, its orders, and who overrode what. Raises NotFound."""
    incident = api.get(f"/incidents/{part(name)}")
    runs = runs_of(api.get(f"/incidents/{part(name)}/runs"))
    orders = api.get("/orders", incident=name)
    vetoes = [Veto.model_validate(one) for one in api.get(f"/incidents/{part(name)}/vetoes")]
    return told(
        f"{name}: {len(runs)} {'run' if len(runs) == 1 else 'runs'}, {len(orders)} "
        f"{'order' if len(orders) == 1 else 'orders'}",
        f"{incident['title']}; {incident['phase'].replace('_', ' ')}",
        runs,
        (*overrides(orders, vetoes),),
        {"incident": name, "orders": orders},
        orders,
    )


def of_thread(thread: str, api: Connection) -> Report:
    """The turns of a conversation. Raises NotFound where nothing is on record."""
    runs = runs_of(api.get("/runs", thread=thread))
    if not runs:
        raise NotFound(f"nothing is on record of the conversation {thread!r}")
    return told(f"{thread}: {len(runs)} turns", "", runs, (), {"thread": thread}, ())


def runs_of(found: Sequence[Any]) -> list[RunRecord]:
    """Oldest first."""
    return [RunRecord.model_validate(one) for one in reversed(found)]


def told(
    headline: str,
    context: str,
    runs: Sequence[RunRecord],
    overrode: tuple[str, ...],
    data: dict[str, Any],
    orders: Sequence[Any],
) -> Report:
    spent = sum(run.took.tokens for run in runs), sum(run.took.money for run in runs)
    cost = f"{spent[0]} tokens, {spent[1]:.4f} of money" if spent[0] else "no model was asked"
    return Report(
        headline=headline,
        context=f"{context}; {cost}".removeprefix("; "),
        tables=(*tables(runs), decisions(orders)),
        notes=(("overrode", overrode or ("nobody",)),),
        data={**data, "runs": [run.model_dump(mode="json") for run in runs], "overrode": overrode},
    )


def tables(runs: Sequence[RunRecord]) -> tuple[Table, ...]:
    """Runs, plans, calls: each row says of which run it is."""
    heads, plans, calls = [], [], []
    for at, run in enumerate(runs, 1):
        seconds = (run.ended - run.began).total_seconds()
        by = run.took.model or ("a model" if run.took.requests else "rules")
        heads.append(
            (
                str(at), f"{run.began:%Y-%m-%d %H:%M:%S}", f"{seconds:.1f} s", run.who, by,
                str(run.took.tokens), f"{run.took.money:.4f}",
                f"{len(run.used)} used, {len(run.ignored)} left aside",
                run.decision + (f" (order {run.order})" if run.order else ""),
            )
        )  # fmt: skip
        for number, tools in enumerate(run.plans, 1):
            plans.append(
                (str(at), "plan" if number == 1 else f"re-plan {number - 1}", ", ".join(tools))
            )
        for call in run.calls:
            used = sum(name in run.used for name in call.evidence)
            asked = ", ".join(f"{k}={v}" for k, v in call.arguments.items())
            calls.append(
                (
                    str(at), call.tool, call.by, call.answer[:DIGEST],
                    f"{used} of {len(call.evidence)}", call.trouble, asked,
                )
            )  # fmt: skip
    return (
        Table(
            "runs",
            ("run", "began (UTC)", "took", "for", "by", "tokens", "money", "evidence", "decision"),
            tuple(heads),
        ),
        Table("plans", ("run", "which", "tools"), tuple(plans)),
        Table(
            "calls",
            ("run", "tool", "asked by", "answer", "evidence used", "trouble", "arguments"),
            tuple(calls),
        ),
    )


def decisions(orders: Sequence[Any]) -> Table:
    """What policy and people said of each order, and how it ended."""
    rows = []
    for record in reversed(orders):
        order, decision = record["order"], record["decision"] or {}
        outcome, approval = record["outcome"] or {}, record["approval"] or {}
        rows.append(
            (
                order["id"], f"{order['runbook']} on {order['target']}",
                decision.get("verdict", ""), ", ".join(decision.get("policies", ())),
                outcome.get("denied_by") or approval.get("approver") or "",
                outcome.get("status", record["state"]),
            )
        )  # fmt: skip
    columns = ("order", "what", "policy said", "by", "answered by", "ended")
    return Table("orders", columns, tuple(rows))


def overrides(orders: Sequence[Any], vetoes: Sequence[Veto]) -> list[str]:
    """Who said otherwise: denials and vetoes."""
    said = []
    for record in orders:
        outcome = Outcome.model_validate(record["outcome"]) if record["outcome"] else None
        if outcome and outcome.denied_by:
            said.append(f"{outcome.denied_by} denied {record['order']['id']}: {outcome.reason}")
    said += [f"{v.person} says that it was not {v.kind.value} of {v.target}" for v in vetoes]
    return said
