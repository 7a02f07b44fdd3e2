"""A backtest as tables for people and as data for programs."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from chimera.cli.backtest.run import Found
from chimera.cli.base.output import say, table
from chimera.domain import units
from chimera.flows.backtest import Fired

SHOWN = 40  # incidents in the table; JSON has all
NOISY = 10


def show(found: Found) -> None:
    backtest = found.backtest
    step = found.settings.prometheus.scrape_interval
    say(
        f"{found.looks} looks at up to {found.series} series, every {step:g} s, from "
        f"{clock(found.start)} to {clock(found.end)} UTC."
    )
    if found.start - found.asked > timedelta(minutes=10):
        say(
            f"The data reach back {span(found.end - found.start)} of the {span(found.end - found.asked)} asked for."
        )
    for first, last in found.gaps[:10]:
        say(
            f"No data from {clock(first)} for {span(last - first + timedelta(seconds=step))}: nothing is judged there."
        )
    if len(found.gaps) > 10:
        say(f"... and {len(found.gaps) - 10} more gaps.")
    for warning in list(found.warnings)[:3]:
        say(f"Prometheus said: {warning}")
    say()
    rows = [
        (
            one.name, clock(one.opened), span(one.ended - one.opened) if one.ended else "still open",
            one.severity.value, one.signals, one.services, one.title,
        )
        for one in backtest.incidents[-SHOWN:]
    ]  # fmt: skip
    columns = ("incident", "opened", "lasted", "severity", "signals", "services", "title")
    table(columns, rows, "No incident would have been opened.")
    if len(backtest.incidents) > SHOWN:
        say(f"... and {len(backtest.incidents) - SHOWN} before these; --json has all.")
    say()
    days = by_day(found)
    table(("day", "service", "signal", "anomalies"), days, "No anomaly would have been seen.")
    say()
    totals = weekly(found)
    say(
        f"A week: {totals['anomalies']:.1f} anomalies, {totals['incidents']:.1f} incidents, "
        f"{totals['pages']:.1f} of them pages"
        + (" (from less than a day: a rough figure)." if found.seen < timedelta(days=1) else ".")
    )
    noisy = [n for n in found.noise if n.advice or n.alone][:NOISY]
    if noisy:
        say()
        names = ("noisiest signal", "service", "anomalies", "alone", "pages", "to make it quieter")
        table(
            names,
            [(n.signal, n.service, n.anomalies, n.alone, n.pages, n.advice or "-") for n in noisy],
            "",
        )


def by_day(found: Found) -> list[tuple[str, str, str, int]]:
    count = Counter(
        (f"{a.began:%Y-%m-%d}", a.service, a.signal) for a in found.backtest.anomalies.values()
    )
    return [(*key, number) for key, number in sorted(count.items())]


def weekly(found: Found) -> dict[str, float]:
    weeks = found.seen / timedelta(days=7)
    pages = sum(one.severity.value == "page" for one in found.backtest.incidents)
    return {
        "anomalies": len(found.backtest.anomalies) / weeks,
        "incidents": len(found.backtest.incidents) / weeks,
        "pages": pages / weeks,
    }


def as_data(found: Found) -> dict[str, Any]:
    """Everything, for programs."""
    backtest = found.backtest
    return {
        "asked_from": found.asked.isoformat(),
        "from": found.start.isoformat(),
        "to": found.end.isoformat(),
        "step": found.settings.prometheus.scrape_interval,
        "looks": found.looks,
        "series": found.series,
        "gaps": [{"from": a.isoformat(), "to": b.isoformat()} for a, b in found.gaps],
        "warnings": list(found.warnings),
        "incidents": [incident(one) for one in backtest.incidents],
        "anomalies": [
            a.model_dump(mode="json") | {"incident": backtest.belongs.get(a.id)}
            for a in backtest.anomalies.values()
        ],
        "a_week": weekly(found),
        "noise": [asdict(n) for n in found.noise],
    }


def incident(one: Fired) -> dict[str, Any]:
    return {
        "incident": one.name,
        "opened": one.opened.isoformat(),
        "began": one.began.isoformat(),
        "ended": one.ended.isoformat() if one.ended else None,
        "severity": one.severity.value,
        "service": one.service,
        "services": list(one.services),
        "signals": one.signals,
        "title": one.title,
    }


def clock(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def span(length: timedelta) -> str:
    return units.span(length.total_seconds())
