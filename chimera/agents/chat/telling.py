"""How facts are put into words: numbers, spans, troubles, unknown names. Said the same everywhere."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, timedelta

from chimera.agents.chat.shape import Ask, Chart, Reply, Table
from chimera.agents.understanding.names import suggestion
from chimera.domain import Incident, SignalKind
from chimera.domain.units import span
from chimera.tools.base import Look

UNITS = {
    SignalKind.LATENCY: "s",
    SignalKind.TRAFFIC: "/s",
    SignalKind.ERRORS: "%",
    SignalKind.MEMORY: "B",
    SignalKind.FRESHNESS: "s",
    SignalKind.NULLS: "%",
    SignalKind.POOL: "",
    SignalKind.CPU: "cores",
}


def number(value: float, unit: str = "") -> str:
    """A value with its unit: 0.31 s, 4.2 %, 1.3 GB."""
    if not math.isfinite(value):
        return "no value"
    if unit == "%":
        return f"{value * 100:.3g} %"
    if unit == "B":
        for size, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
            if abs(value) >= size:
                return f"{value / size:.3g} {name}"
        return f"{value:.3g} B"
    return f"{value:.3g} {unit}".strip()


def ago(at: datetime, now: datetime) -> str:
    return f"{spent(now - at)} ago"


def spent(length: timedelta) -> str:
    return span(length.total_seconds())


def clock(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def unknown(ask: Ask) -> Reply | None:
    """The refusal of a name that is none; None if every name is known."""
    strange = ask.reading.named.unknown
    if not strange or ask.reading.named.nodes:
        return None
    hint = suggestion(strange[0], ask.known)
    return Reply(
        kind="refused", text=f"I know no service, step or dataset called {strange[0]!r}. {hint}"
    )


def which(ask: Ask, what: str = "service, step or dataset") -> Reply:
    """Ask for a name."""
    some = ", ".join(ask.known.nodes[:8])
    return Reply(kind="question", text=f"Which {what} do you mean? For example {some}.")


def failed(*looks: Look) -> Reply | None:
    """What could not be seen, said as such; None if everything was."""
    troubles = [look.trouble for look in looks if look.trouble]
    if not troubles:
        return None
    first = troubles[0]
    if first.kind in ("unavailable", "timeout"):
        return Reply(
            kind="answer",
            text=f"I cannot tell: {first.message}. No data is not the same as healthy.",
            partial=True,
        )
    return Reply(kind="refused", text=f"{first.message}.".replace("..", "."))


def incident_line(one: Incident) -> str:
    rank = f"{one.priority.value} " if one.priority else ""
    state = one.phase.value.replace("_", " ")
    return f"{one.id} {rank}({state}): {one.title}"


def incidents_table(incidents: Iterable[Incident], now: datetime) -> Table:
    return Table(
        columns=("incident", "priority", "state", "since", "title"),
        rows=tuple(
            (
                one.id,
                one.priority.value if one.priority else "-",
                one.phase.value.replace("_", " "),
                f"{clock(one.began)} ({ago(one.began, now)})",
                one.title,
            )
            for one in incidents
        ),
    )


def chart(
    title: str, values: Iterable[float], unit: str, since: datetime, until: datetime
) -> Chart:
    kept = tuple(float(v) if math.isfinite(v) else None for v in values)
    return Chart(title=title, unit=unit, values=kept, since=since, until=until)


def joined(names: Iterable[str], none: str = "nobody") -> str:
    return ", ".join(names) or none
