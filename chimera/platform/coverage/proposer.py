"""Matches what there is with the conventions, and finds the labels that make a row of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from chimera.domain import Signal, SignalKind
from chimera.platform.coverage.conventions import Convention
from chimera.platform.coverage.inventory import Family, Inventory
from chimera.platform.coverage.naming import Labels, failed_where, one_of, service_label
from chimera.platform.coverage.proposal import (
    Draft,
    LeftOut,
    Proposal,
    matching,
    name_of,
    named,
    narrowed,
    prefix,
)  # fmt: skip
from chimera.platform.observability.prometheus import Prometheus, selector
from chimera.platform.observability.signals import PATIENCE

REQUESTS = (SignalKind.ERRORS, SignalKind.LATENCY, SignalKind.TRAFFIC)
RAW = 10_000  # raw series that one row may read at each look
BUCKETS = 6_000  # of `_bucket`; beyond, the mean is watched and not the quantile


class Proposer:
    """Matches every family with the conventions, and looks at the series of those that fit."""

    def __init__(self, prometheus: Prometheus, inventory: Inventory, now: datetime) -> None:
        self._prometheus = prometheus
        self._inventory = inventory
        self._now = now
        self._draft = Draft()

    async def propose(self, most_raw: int = RAW) -> Draft:
        """Every row that the data allow, best first; nothing is bounded yet but a single row."""
        wanted: list[tuple[int, int, Family, Convention, re.Match[str]]] = []
        for family in self._inventory.families.values():
            rows = list(matching(family))
            if not rows:
                self._draft.untold[prefix(family.name)] += 1
            wanted += [(row.rank, n, family, row, match) for n, (row, match) in enumerate(rows)]
        for _, _, family, row, match in sorted(wanted, key=lambda w: (w[0], w[1], w[2].name)):
            if family.series > most_raw:
                why = f"{family.series} series, more than the {most_raw} that one row may read"
                self._draft.left.append(LeftOut(family.counted, why))
                continue
            await self._consider(family, row, match)
        self._draft.left = list({(x.metric, x.why): x for x in self._draft.left}.values())
        self._draft.proposals = named(self._draft.proposals)
        for per in {p.signal.per for p in self._draft.proposals if p.signal.per}:
            found = self._inventory.families.get(per)
            if found and not list(matching(found)):  # used, if not by itself
                self._draft.untold[prefix(per)] -= 1
        self._draft.untold = +self._draft.untold
        return self._draft

    async def _consider(self, family: Family, row: Convention, match: re.Match[str]) -> None:
        per = next((p for p in map(match.expand, row.per) if self._there(p)), None)
        if row.per and per is None:
            return  # a generic row may still know what to do with it
        series = await self._labels(family.counted, row.where)
        label = service_label(series, row.services)
        if not series or not label:
            why = "no series now" if not series else "no label names a service"
            self._draft.left.append(LeftOut(family.counted, why))
            return
        where, per_where = row.where, row.per_where
        if row.fails:
            failed = failed_where(series)
            if not failed:
                return
            where = ",".join(part for part in (where, failed) if part)
        if awkward := self._slow(series, PATIENCE if row.read == "expiry" else 0.0):
            if len(awkward) == len({s.get("job", "") for s in series}):
                seconds = max(self._inventory.slow[job] for job in awkward)
                why = (
                    f"scraped every {seconds:g} s, more seldom than the step: it would look missing"
                )
                self._draft.left.append(LeftOut(family.counted, why))
                return
            without = one_of("job", awkward, but=True)
            where = ",".join(part for part in (where, without) if part)
            per_where = ",".join(part for part in (per_where, without) if part)
        by = tuple(name for name in row.by if any(name in s for s in series))[:2]
        groups = {(s[label], *(s.get(b, "") for b in by)) for s in series if s.get(label)}
        read, metric, raw, name = row.read, family.counted, len(series), name_of(row, match, family)
        why = row.why
        if row.read in ("mean", "quantile"):
            metric, raw = family.name, family.buckets if row.read == "quantile" else 2 * len(series)
            if row.read == "quantile" and family.buckets > BUCKETS:
                read, raw, name = "mean", 2 * len(series), name.replace("_p95", "_mean")
                why += f"; the mean, since {family.buckets} buckets are too many to read"
        signal = Signal(
            name=name, kind=row.kind, read=read, metric=metric, per=per,
            where=where, per_where=per_where, quantile=0.95 if read == "quantile" else 0.99,
            service_label=label, by=by, combine=row.combine, bad=row.bad, floor=row.floor or 0.0,
            limit=row.limit, horizon=row.horizon, symptom=row.symptom,
        )  # fmt: skip
        proposal = Proposal(
            signal, why, row.rank, family.name, raw + self._size(per),
            frozenset(g[0] for g in groups), len(groups), row.share, row.generic,
        )  # fmt: skip
        self._keep(proposal)

    def _keep(self, fresh: Proposal) -> None:
        """Take a proposal for those services that nothing else covers in the same way."""
        signal = fresh.signal
        for old in self._draft.proposals:
            if (old.signal.metric, old.signal.kind) == (signal.metric, signal.kind):
                return  # a generic row after one that knows the metric
            if old.family == fresh.family and fresh.generic:
                return
        same = [
            old
            for old in self._draft.proposals
            if signal.kind in REQUESTS
            and (old.signal.kind, old.signal.symptom) == (signal.kind, signal.symptom)
        ]
        rest = fresh.services.difference(*(old.services for old in same))
        if not rest:
            told = ", ".join(
                dict.fromkeys(o.signal.metric for o in same if o.services & fresh.services)
            )
            why = f"{signal.kind.value} of the same services is watched by {told}"
            self._draft.left.append(LeftOut(signal.metric, why))
            return
        self._draft.proposals.append(narrowed(fresh, rest) if rest != fresh.services else fresh)

    def _there(self, name: str) -> bool:
        families = self._inventory.families
        return name in families or name.removesuffix("_count") in families

    def _size(self, per: str | None) -> int:
        family = self._inventory.families.get(per or "")
        return family.series if family else 0

    def _slow(self, series: Sequence[Labels], patience: float) -> list[str]:
        """Jobs that are scraped more seldom than the step, and than a sample counts."""
        slow = {job for job, seconds in self._inventory.slow.items() if seconds > patience}
        return sorted({s.get("job", "") for s in series} & slow)

    async def _labels(self, metric: str, where: str) -> list[Labels]:
        chosen = selector(metric, where)
        if chosen not in self._draft.seen:
            answer = await self._prometheus.instant(chosen, self._now)
            self._draft.seen[chosen] = [s.labels for s in answer.series]
        return self._draft.seen[chosen]
