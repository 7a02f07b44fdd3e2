"""The audit log: list it, prove that nobody changed it, take it along."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chimera.cli.base.options import As, Config, Json, Url, writable
from chimera.cli.base.output import as_json, line, say, table

if TYPE_CHECKING:
    from chimera.platform.governance.audit import Head
    from chimera.platform.governance.audit_chain import Verdict
    from chimera.platform.identity.signing import Signer

app = typer.Typer(
    help="The audit log: list it, verify it, export it. For approvers.", no_args_is_help=True
)
Kept = Annotated[
    str | None, typer.Option(metavar="ROW:HASH", help="A head that was kept from an earlier look.")
]
Accept = Annotated[
    list[int] | None,
    typer.Option(metavar="ROW", help="A row after a change of the signing key."),
]


@app.command("list")
def list_(
    incident: Annotated[str | None, typer.Option(help="Only of one incident.")] = None,
    who: Annotated[str | None, typer.Option(help="Done by them, or on their behalf.")] = None,
    action: Annotated[
        str | None, typer.Option(help="For example order, order.approved, tool.called.")
    ] = None,
    since: Annotated[str | None, typer.Option(metavar="TIME", help="ISO 8601.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 100,
    acting: As = None,
    url: Url = None,
    json: Json = False,
) -> None:
    """List what was done, newest first."""
    from chimera.cli.base.connection import connect

    rows = connect(url, acting).get(
        "/audit", incident=incident, by=who, action=action, since=since, limit=limit
    )
    if json:
        return as_json(rows)
    return table(
        ("row", "time (UTC)", "who", "for", "action", "object", "incident", "details"),
        (
            (
                r["seq"], r["at"][:19], r["who"], r["behalf"], r["action"], r["object"],
                r["incident"], short(r["details"]),
            )
            for r in rows
        ),
        "nothing was done",
    )  # fmt: skip


@app.command()
def verify(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="An export; the log itself if not given."),
    ] = None,
    head: Kept = None,
    accept: Accept = None,
    config: Config = None,
    acting: As = None,
    url: Url = None,
    json: Json = False,
) -> None:
    """Check every row, and that none is missing at the end. Exit code 1 names the first bad one."""
    from chimera.cli.base.connection import connect
    from chimera.platform.governance.audit_chain import Chain, Verdict
    from chimera.platform.governance.audit_file import verify_file

    kept = read_head(head)
    if file is not None:
        verdict = verify_file(file, signer(config), Chain(kept, tuple(accept or ())))
    else:
        query: dict[str, Any] = {"accept": accept or None}
        if kept:
            query |= {"seq": kept.seq, "hash": kept.hash}
        verdict = Verdict.model_validate(connect(url, acting).get("/audit/verify", **query))
    if json:
        as_json(verdict.model_dump(mode="json"))
    else:
        told(verdict)
    if verdict.broken:
        raise typer.Exit(1)


@app.command()
def export(
    out: Annotated[
        Path | None,
        typer.Option(
            "--output", "--out", "-o", metavar="FILE", callback=writable, help="Write it there."
        ),
    ] = None,
    acting: As = None,
    url: Url = None,
) -> None:
    """Write the log as JSON lines, its sealed head at the end; `verify FILE` checks them."""
    from chimera.cli.base.connection import connect

    lines = connect(url, acting).lines("/audit/export")
    if out is None:
        for row in lines:
            typer.echo(row)
        return
    count = 0
    with out.open("w", encoding="utf-8") as file:
        for row in lines:
            file.write(row + "\n")
            count += 1
    say(f"{out}: {count - 1} rows and the head")


def told(verdict: Verdict) -> None:
    """The verdict for people."""
    if verdict.broken:
        say(f"BROKEN at row {verdict.broken.seq} ({verdict.broken.kind}): {verdict.broken.why}")
        say(f"the {verdict.rows} rows before it hold")
        return
    sealed = {True: "sealed", None: "no key to check its seal with"}.get(verdict.sealed, "")
    say(f"{verdict.rows} rows hold; head {verdict.head.seq}:{verdict.head.hash} ({sealed})")
    for row in verdict.resealed:
        say(f"  accepted: row {row} goes on from a head that this key had not sealed")


def read_head(text: str | None) -> Head | None:
    """ROW:HASH as verify prints it. Raises BadParameter."""
    from chimera.platform.governance.audit import Head

    if text is None:
        return None
    seq, _, found = text.partition(":")
    if not seq.isdigit() or len(found) != 64:
        raise typer.BadParameter(f"{text!r} is no head; it is ROW:HASH, as `verify` prints it")
    return Head(seq=int(seq), hash=found)


def signer(config: Path | None) -> Signer | None:
    """The installation's key, where its settings are at hand."""
    import os

    from chimera.platform.identity.signing import Signer
    from chimera.platform.settings import CONFIG_VARIABLE, load_settings
    from chimera.sandbox.stack.state import load_state

    if config is None and CONFIG_VARIABLE not in os.environ:
        state = load_state()
        config = Path(state.config) if state else Path("chimera.toml")
        if not config.exists():
            return None
    key = load_settings(config).identity.signing_key
    return Signer(key.reveal()) if key else None


def short(details: dict[str, Any]) -> str:
    """Details in one line: of a hash the first digits are enough to compare."""
    return ", ".join(
        f"{name}={value[:10] if isinstance(value, str) and len(value) == 64 else line(value)}"
        for name, value in details.items()
    )
