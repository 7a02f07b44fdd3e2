"""`chimera bench slack`: messages acknowledged while Alertmanager pours out alerts."""

from __future__ import annotations

from typing import Annotated

import typer

from chimera.cli.base.options import Light, OwnHome, Results

MEANT = 500.0  # milliseconds, of the 99th percentile


def command(
    alerts: Annotated[int, typer.Option(min=60, help="Alerts a minute.")] = 10_000,
    messages: Annotated[float, typer.Option(min=0.1, help="Messages a second.")] = 4.0,
    seconds: Annotated[float, typer.Option(min=5.0, help="How long it lasts.")] = 75.0,
    json: Results = None,
    home: OwnHome = None,
    light: Light = False,
) -> None:
    """Post alerts and signed Slack messages at a running API and worker; time the answers.

    Fails where an alert is lost or a request refused, or where the 99th percentile is too slow.
    """
    import asyncio
    import json as form

    from chimera.bench.storm.run import Storm
    from chimera.cli.base.output import say, table

    storm = Storm(alerts, messages, seconds, light)
    found = asyncio.run(storm.run(home, say))
    names = {"quiet_ms": "Slack, before", "acknowledged_ms": "Slack", "posts_ms": "Alertmanager"}
    rows = [
        (name, *(f"{found[key][part]:.0f}" for part in ("count", "p50", "p95", "p99", "max")))
        for key, name in names.items()
    ]
    table(("answered", "count", "p50 ms", "p95 ms", "p99 ms", "max ms"), rows, "nothing")
    lost = found["alerts_sent"] - found["alerts_kept"]
    say(f"{found['alerts_sent']} alerts in {found['took_seconds']:.0f} s, lost: {lost}")
    for line in found["refused"]:
        say(f"refused: {line}")
    if json is not None:
        json.write_text(form.dumps(found, indent=2))
    if lost or found["refused"] or found["acknowledged_ms"]["p99"] > MEANT:
        raise typer.Exit(1)
