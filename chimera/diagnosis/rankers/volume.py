"""Whose own errors, or whose own time, make up what the target feels: callees explained away."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from chimera.diagnosis.losses import losing
from chimera.diagnosis.observed import Floats, Observed, Target, Trouble
from chimera.diagnosis.scale import quantiles
from chimera.diagnosis.silence import fallen_silent
from chimera.diagnosis.surprise import FEW, stretches, surprise, surprise_left_out
from chimera.diagnosis.vocabulary import additive, kind_of
from chimera.diagnosis.voice import Clue, Ranker, Voice
from chimera.diagnosis.volumes import latencies, volumes

LEAST = 0.01  # of the largest volume: a volume below it is no measure of another


@dataclass(frozen=True)
class FeltVolume(Ranker):
    """A service's volume beyond its usual, less its callees', times how surprising it is, squared.

    Volume is requests times the share that failed, or times their mean latency. It adds up along
    calls, so only a target that is itself an average or a sum can be explained by it. Percentages
    would not do: a leaf with two calls a minute always looks bad in per cent.
    """

    name: ClassVar[str] = "volume"
    convincing: float = 2.0
    sharpness: float = 2.0

    def rank(self, seen: Observed) -> Voice | None:
        target = seen.target
        if target is None or not seen.calls.edges or not additive(target.metric):
            return None
        kind = kind_of(target.metric)
        found = volumes(seen.metrics, kind)
        if found is None or target.service not in found[0]:
            return None
        names, before, since, metrics = found
        length = since.shape[1]
        begins = stretches(before.shape[1], length)
        if len(begins) < FEW:
            return None
        views = np.lib.stride_tricks.sliding_window_view(before, length, axis=1)[:, begins]
        usual, now = views.mean(axis=-1), since.mean(axis=-1)
        callees = self._callees(seen, kind, names)
        # What happens on the way to a service is felt by its callers and measured by nobody.
        hidden = {*fallen_silent(seen.metrics)}
        if kind is Trouble.LATENCY:
            hidden |= losing(seen.metrics)
        roots = {*names, *callees} - {c for called in seen.calls.callees().values() for c in called}
        reached = _perhaps_below(target.service, callees, roots)
        hidden = {s for s in hidden if s in reached or s in roots}
        every = np.column_stack([now, usual])
        own = self._own(target.service, names, usual, every, callees, reached, hidden)
        scores = dict.fromkeys(seen.candidates(), 0.0)
        scores |= dict(zip(names, own[:, 0].tolist(), strict=True))
        clues = {
            name: (self._clue(target, name, kind, usual[i], now[i], own[i, 0], metrics[i]),)
            for i, name in enumerate(names)
            if own[i, 0] > 0
        }
        past = own[:, 1:].max(axis=0)
        return Voice(self.name, scores, self.convincing, clues, float(own[:, 0].max()), past)

    def _own(
        self,
        target: str,
        names: tuple[str, ...],
        usual: Floats,
        every: Floats,
        callees: dict[str, set[str]],
        reached: set[str],
        hidden: Collection[str],
    ) -> Floats:
        """Score of each service (rows) now and on each normal stretch (columns)."""
        ordered = np.sort(usual, axis=1)
        count = np.full(len(names), float(usual.shape[1]))
        q90 = quantiles(ordered, count, 0.9)
        level = quantiles(ordered, count, 0.5)
        unit = np.maximum(0.05 * level, LEAST * every.max(axis=0).max(initial=0.0) * 0.1) + 1e-12
        past = usual / unit[:, None]
        heard = np.column_stack([surprise(past, every[:, 0] / unit), surprise_left_out(past)])
        said = np.log1p(heard)
        excess = np.maximum(every - q90[:, None], 0.0)
        excess[[name not in reached for name in names]] = 0.0
        gone = [name in hidden for name in names]
        largest = excess.max(axis=0)
        # Who is silent, or hard to reach, may be all that its callers feel.
        excess[gone, 0], said[gone, 0] = largest[0], said[:, 0].max()
        share = excess / np.where(largest > 0, largest, 1.0)
        row = {name: i for i, name in enumerate(names)}
        passed = np.zeros_like(share)
        for name, i in row.items():
            below = [row[c] for c in callees.get(name, ()) if c in row]
            passed[i] = share[below].sum(axis=0)
        felt = np.minimum(1.0, heard[names.index(target)])
        return np.asarray(np.maximum(share - passed, 0.0) * said**self.sharpness * felt)

    def _callees(
        self, seen: Observed, kind: Trouble, names: tuple[str, ...]
    ) -> dict[str, set[str]]:
        """Calls that are waited for: who answers faster than its callee does not wait for it."""
        callees = seen.calls.callees()
        if kind is not Trouble.LATENCY:
            return callees
        slowest, typical = latencies(seen.metrics)
        return {
            caller: {
                c for c in called if not typical.get(c, 0.0) > slowest.get(caller, float("inf"))
            }
            for caller, called in callees.items()
        }

    def _clue(
        self,
        target: Target,
        name: str,
        kind: Trouble,
        usual: Floats,
        now: float,
        score: float,
        metric: str,
    ) -> Clue:
        what = "errors" if kind is Trouble.ERRORS else "seconds of waiting"
        says = (
            f"{now:.3g} {what} an interval, {float(np.median(usual)):.3g} usually; its callees do "
            f"not explain them, and {target.service} feels them"
        )
        return Clue(name, kind, float(score), says, metric)


def _perhaps_below(top: str, callees: dict[str, set[str]], roots: Collection[str]) -> set[str]:
    """What `top` reaches, and the pieces of the graph that may hang on a call that it does not know.

    Who is called by nobody that is known is called by somebody, and felt. Only who calls what `top`
    reaches is another entrance beside it.
    """
    known = _below(top, callees)
    loose = [piece for root in roots if (piece := _below(root, callees)).isdisjoint(known)]
    return known.union(*loose)


def _below(top: str, callees: dict[str, set[str]]) -> set[str]:
    seen, open_ = {top}, [top]
    while open_:
        new = callees.get(open_.pop(), set()) - seen
        seen |= new
        open_ += new
    return seen
