"""The timeline of an incident: what was seen, said, decided and done, by whom, in its order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from chimera.agents.chat.meant import incident_of
from chimera.agents.chat.shape import Ask, Looks, Reply, Table
from chimera.agents.chat.telling import ago, clock, incident_line, joined
from chimera.tools.show_incident import Whole

OURS = "chimera"
SHOWN = 40
OF_PEOPLE = re.compile(
    r"\b(?:people|persons?|humans?|anybody|anyone|somebody|everybody|everyone|team|we|they|who|colleagues|votes?)\b"
)


@dataclass(frozen=True)
class Entry:
    """One line: when, who, what."""

    at: datetime
    who: str
    what: str


async def timeline(ask: Ask, looks: Looks) -> Reply:
    """What happened in an incident, line by line; or only what people said and did in it."""
    whole = await incident_of(await of_the_last(ask, looks), looks)
    if isinstance(whole, Reply):
        return whole
    one = whole.incident
    focus = {"incident": one.id, "node": one.service}
    every = sorted(entries(whole), key=lambda entry: entry.at)
    people = [entry for entry in every if entry.who != OURS]
    of_people = bool(OF_PEOPLE.search(ask.reading.text.lower()))
    shown = people if of_people else every
    end = f"resolved {clock(one.resolved)}" if one.resolved else "not resolved"
    lines = [
        f"{incident_line(one)}. It began {clock(one.began)} ({ago(one.began, ask.now)}), {end}."
    ]
    if people:
        names = dict.fromkeys(entry.who for entry in people)
        last = people[-1]
        lines.append(
            f"{len(people)} of {len(every)} entries are by people: {joined(names)}; the last: "
            f"{last.who}, {last.what} ({ago(last.at, ask.now)})."
        )
    else:
        lines.append(
            f"Of {len(every)} entries none is by a person: nobody said or did anything yet."
        )
    if one.acknowledged_by:
        lines.append(f"Acknowledged by {one.acknowledged_by}.")
    if one.threads:
        lines.append(f"What else was said is in its thread: {joined(one.threads.values())}.")
    rows = tuple((f"{e.at:%Y-%m-%d %H:%M:%S}", e.who, e.what) for e in shown[-SHOWN:])
    table = Table(columns=("time (UTC)", "who", "what"), rows=rows)
    return Reply(text=" ".join(lines), tables=(table,) if rows else (), focus=focus)


async def of_the_last(ask: Ask, looks: Looks) -> Ask:
    """Where no incident of a node is open, its last one is meant."""
    if ask.incident or not ask.node:
        return ask
    look = await looks.see("list_incidents", state="all", service=ask.node)
    if look.trouble or not look.data or any(not one.resolved for one in look.data):
        return ask
    bare = replace(ask.reading, named=replace(ask.reading.named, nodes=()))
    return replace(ask, reading=bare, focus={**ask.focus, "incident": look.data[0].id})


def entries(whole: Whole) -> Iterator[Entry]:
    """The lines on record, and the moments that the incident and its orders have of their own."""
    one = whole.incident
    yield Entry(one.began, OURS, "first symptom")
    for event in whole.events:
        yield Entry(event.at, event.actor, event.text)
    if not whole.events:
        yield Entry(one.opened, OURS, "opened")
    if one.resolved and not any(event.at == one.resolved for event in whole.events):
        yield Entry(one.resolved, OURS, f"resolved ({one.close_code or 'no close code'})")
    for record in whole.orders:
        order, answer, outcome = record.order, record.approval, record.outcome
        what = f"asked for {order.id}: {order.runbook} on {order.target}"
        yield Entry(order.created, order.requested_by, what)
        if answer is not None:
            word = "approved" if answer.granted else "denied"
            note = f": {answer.note}" if answer.note else ""
            yield Entry(answer.at, answer.approver, f"{word} {order.id}{note}")
        if outcome is not None:
            if outcome.approved_by and answer is None:  # when, is no longer on record
                yield Entry(outcome.at, outcome.approved_by, f"had approved {order.id}")
            yield Entry(outcome.at, OURS, f"{order.id} {outcome.status}")
