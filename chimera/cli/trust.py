"""How far Chimera has earned to be trusted, and the record of what it did."""

from __future__ import annotations

from typing import Annotated

import typer

from chimera.cli.base.options import As, Html, Json, Url
from chimera.cli.base.output import as_json, say

app = typer.Typer(
    help="How far Chimera has earned to be trusted, and the record of what it did.",
    no_args_is_help=True,
)


@app.command()
def report(
    days: Annotated[float, typer.Option(min=0.01, max=3650, help="How far back.")] = 30.0,
    html: Html = None,
    acting: As = None,
    url: Url = None,
    json: Json = False,
) -> None:
    """Per runbook and environment: were its proposals right, and which level they have earned."""
    from chimera.cli.base.connection import connect
    from chimera.cli.diagnose.page import page
    from chimera.cli.diagnose.terminal import show
    from chimera.cli.diagnose.trusted import of_report
    from chimera.platform.governance.trust_report import TrustReport

    found = TrustReport.model_validate(connect(url, acting).get("/trust", days=days))
    told = of_report(found)
    if html:
        html.write_text(page(told))
    if json:
        return as_json(found.model_dump(mode="json"))
    show(told)
    return say(f"the page is {html}") if html else None


@app.command()
def record(
    what: Annotated[
        str, typer.Argument(metavar="INCIDENT|THREAD", help="For example INC-7, or a conversation.")
    ],
    html: Html = None,
    acting: As = None,
    url: Url = None,
    json: Json = False,
) -> None:
    """What was planned, called, cited, left aside, spent and decided, and who overrode it."""
    from chimera.cli.base.connection import connect
    from chimera.cli.diagnose.page import page
    from chimera.cli.diagnose.recorded import of_incident, of_thread
    from chimera.cli.diagnose.terminal import show

    api = connect(url, acting)
    found = of_incident(what, api) if what.startswith("INC-") else of_thread(what, api)
    if html:
        html.write_text(page(found))
    if json:
        return as_json(found.data)
    show(found)
    return say(f"the page is {html}") if html else None


@app.command()
def restore(
    runbook: str,
    environment: Annotated[str, typer.Option(help="This installation's, if not given.")] = "",
    note: Annotated[str, typer.Option(help="Why it may be trusted again.")] = "",
    acting: As = None,
    url: Url = None,
    json: Json = False,
) -> None:
    """Let `policy.trust` count again where trust went down by itself. Takes the role approver."""
    from chimera.cli.base.connection import connect

    wish = {"runbook": runbook, "environment": environment, "note": note}
    left = connect(url, acting).post("/trust/restore", wish)
    if json:
        return as_json(left)
    return say(f"{runbook} is trusted again as policy.trust says")
