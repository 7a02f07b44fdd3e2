"""Look at orders, approve or deny them."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from chimera.cli.base.options import As, Json, Url
from chimera.cli.base.output import ago, as_json, brakes, fields, say, table

app = typer.Typer(help="Look at orders, approve or deny them.", no_args_is_help=True)
OrderId = Annotated[str, typer.Argument(metavar="ORDER", help="For example INC-7/1.")]
Note = Annotated[str, typer.Option(help="Why; kept with the answer.")]
PlanHash = Annotated[
    str | None, typer.Option(help="Answer only if the plan is still the one with this hash.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask again.")]


@app.command("list")
def list_(
    incident: Annotated[str | None, typer.Option(help="Only those of one incident.")] = None,
    state: Annotated[
        str | None, typer.Option(help="proposed, waiting, approved, running or done.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    url: Url = None,
    json: Json = False,
) -> None:
    """List orders, newest first."""
    from chimera.cli.base.connection import connect

    api = connect(url)
    found = api.get("/orders", incident=incident, state=state, limit=limit)
    if json:
        return as_json(found)
    brakes(api.get("/pauses").values())
    return table(
        ("order", "state", "outcome", "runbook", "target", "created", "asked by", "reason"),
        (
            (
                r["order"]["id"], r["state"], (r["outcome"] or {}).get("status"),
                r["order"]["runbook"], r["order"]["target"], ago(r["order"]["created"]),
                r["order"]["requested_by"], r["order"]["reason"],
            )
            for r in found
        ),
        "no orders",
    )  # fmt: skip


@app.command()
def show(order: OrderId, url: Url = None, json: Json = False) -> None:
    """Show an order, its plan and what became of it."""
    from chimera.cli.base.connection import connect, part

    api = connect(url)
    found = api.get(f"/orders/{part(order)}")
    if json:
        return as_json(found)
    brakes(api.get("/pauses").values())
    return plainly(found)


def plainly(record: dict[str, Any]) -> None:
    order, plan = record["order"], record["plan"] or {}
    decision, outcome = record["decision"] or {}, record["outcome"] or {}
    approval = record["approval"]
    answered = approval and ("granted" if approval["granted"] else "denied")
    fields(
        (
            ("order", order["id"]),
            ("state", record["state"]),
            ("runbook", order["runbook"]),
            ("target", f"{order['target']} in {order['environment']}"),
            ("parameters", order["parameters"]),
            ("reason", order["reason"]),
            ("asked by", order["requested_by"]),
            ("expires", order["expires"][:19]),
            ("does", plan.get("does")),
            ("undo", plan.get("undo")),
            ("risk", plan.get("risk")),
            ("felt by", plan.get("blast_radius")),
            ("proof", plan.get("proof")),
            ("plan hash", record["plan_hash"]),
            ("policy", decision and f"{decision['verdict']}: {decision['reason']}"),
            ("answer", approval and f"{answered} by {approval['approver']} {approval['note']}"),
            ("outcome", outcome and f"{outcome['status']}: {outcome['reason']}"),
        )
    )


@app.command()
def approve(
    order: OrderId,
    note: Note = "",
    plan_hash: PlanHash = None,
    yes: Yes = False,
    acting: As = None,
    url: Url = None,
    json: Json = False,
) -> None:
    """Approve an order that waits, after looking at its plan."""
    answer(order, True, note, plan_hash, yes, acting, url, json)


@app.command()
def deny(
    order: OrderId,
    note: Note = "",
    plan_hash: PlanHash = None,
    yes: Yes = False,
    acting: As = None,
    url: Url = None,
    json: Json = False,
) -> None:
    """Deny an order that waits."""
    answer(order, False, note, plan_hash, yes, acting, url, json)


def answer(
    order: str,
    granted: bool,
    note: str,
    plan_hash: str | None,
    yes: bool,
    acting: str | None,
    url: str | None,
    json: bool,
) -> None:
    """Show the plan, then answer for exactly that plan."""
    from chimera.cli.base.connection import connect, part
    from chimera.domain import Refused

    api = connect(url, acting)
    record = api.get(f"/orders/{part(order)}")
    if record["plan_hash"] is None:
        raise Refused(f"{order} has no plan yet; try again in a moment")
    if not json:
        plainly(record)
    if granted and not yes and not json and sys.stdin.isatty():
        typer.confirm("Approve this plan?", abort=True)
    made = api.post(
        f"/orders/{part(order)}/answer",
        {"granted": granted, "note": note, "plan_hash": plan_hash or record["plan_hash"]},
    )
    if json:
        return as_json(made)
    return say(f"{order} is {'approved' if granted else 'denied'} by {made['approver']}")
