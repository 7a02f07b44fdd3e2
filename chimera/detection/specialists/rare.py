"""The rate of rare events: errors, restarts, retries that come more often than they do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np

from chimera.detection.base import Block, Floats
from chimera.detection.engine.compiled import compiled
from chimera.detection.specialists.base import Reasons, Specialist, lasting
from chimera.detection.specialists.hush import trusted
from chimera.detection.specialists.past import BINS, learn, rarity
from chimera.detection.specialists.records import record

EVENTS = 16  # the last ones remembered
SELDOM = 0.2  # share of the samples that are events, at most
FEW = 60  # samples before a window, at least
ENOUGH = 20  # events before the series' own bursts are known
PATIENCE = 1000  # samples away from a resting value after which another is looked for
TRUST = 100.0  # samples after which half is believed; as many more each time the rest moved
PER_NAT = 0.4342944819032518


class Rare(Specialist):
    """How many events fell into a short time, against the rate of all before.

    An event is a sample that is not at the value where the series rests most of the time (mostly
    zero) and not where it was just before; how large it is is not asked here. For each of the last
    `EVENTS` events: the chance of so many within that time, if they came at the rate before it,
    which itself is known from as many events as there were (the Chernoff bound of a negative
    binomial's tail). It listens for a whole day before it speaks: after a first quiet night, morning
    would look like a storm. Events that come in bursts by nature raise the bar: the strength is also
    ranked among those of the past events.
    """

    name = "rare"
    record = record(
        ("rest", np.float64),
        ("before", np.float64),  # the newest value
        ("moves", np.int64),  # how often it came to rest elsewhere
        ("votes", np.int64),  # Boyer and Moore's majority vote for the resting value
        ("points", np.int64),  # of time, samples or not
        ("samples", np.int64),
        ("events", np.int64),
        ("known", np.int64),
        ("times", np.int64, EVENTS),  # the sample number of each event, a ring
        ("counts", np.uint16, (1, BINS)),
    )

    def run(self, block: Block, values: Floats, records: Any, raw: Floats, why: Reasons) -> None:
        listen = self.period // block.step
        follow(values, listen, records, raw, why.seen, why.usual, why.back)

    def words(self, seen: float, usual: float, back: float, step: timedelta) -> str:
        return f"{seen:.0f} events in {lasting(back + 1, step)}; usually {usual:.2g} in that time"


@compiled
def surprise(events: int, time: float, before: float, length: float) -> float:
    """Nats of so many events within `time`, after `before` ones within `length`."""
    shape = before + 0.5
    mean = shape * time / length
    if events <= mean:
        return 0.0
    bound = events * np.log(events / mean)
    return float(bound - (events + shape) * np.log((events + shape) / (mean + shape)))


@compiled
def strongest(record: Any) -> tuple[float, int, float]:
    """The most surprising of the windows that begin with an event: nats, its events, its samples.

    The first event of a window only opens it.
    """
    best, many, long = 0.0, 0, 0.0
    for k in range(2, min(record.events, EVENTS) + 1):
        first = record.times[(record.events - k) % EVENTS]
        time = float(record.samples - first)
        length = float(first)
        if length < FEW:
            break
        found = surprise(k - 1, time, float(record.events - k), length)
        if found > best:
            best, many, long = found, k, time
    return best, many, long


@compiled
def follow(
    values: Any, listen: int, records: Any, raw: Any, seen: Any, usual: Any, back: Any
) -> None:
    """Go through values (series, time); see `Specialist.run`. `listen` in points."""
    for row in range(values.shape[0]):
        record = records[row]
        for column in range(values.shape[1]):
            x = values[row, column]
            record.points += 1
            if not np.isfinite(x):
                continue
            record.samples += 1
            if record.votes == 0:
                if x != record.rest:
                    record.moves += 1
                    record.samples, record.events, record.known = 1, 0, 0
                    record.counts[:] = 0
                record.rest = x
            at_rest = abs(x - record.rest) <= 1e-12 * abs(x)
            record.votes = min(record.votes + 1, PATIENCE) if at_rest else record.votes - 1
            again = abs(x - record.before) <= 1e-12 * abs(x)
            record.before = x
            if not (at_rest or again):
                record.times[record.events % EVENTS] = record.samples - 1
                record.events += 1
            if record.events < 2 or record.events > SELDOM * record.samples:
                continue
            nats, many, long = strongest(record)
            if many == 0 or record.points <= listen:
                continue
            found = nats * PER_NAT
            if record.known >= ENOUGH:
                own = rarity(record.counts[0], record.known, nats, 0.5)
                found = min(found, own - np.log10(record.events / record.samples))
            raw[row, column] = found * trusted(float(record.samples), TRUST * max(record.moves, 1))
            if seen.size:
                rate = (record.events - many + 0.5) / (record.samples - long)
                seen[row, column] = many
                usual[row, column] = rate * long
                back[row, column] = long - 1
            if not (at_rest or again):
                record.known = learn(record.counts, record.known, 0, nats)
