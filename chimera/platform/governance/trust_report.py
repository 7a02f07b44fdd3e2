"""How far Chimera has earned to be trusted: per runbook and environment, from what is on record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from statistics import median

from chimera.domain import CHIMERA, Incident, StepDown, Trust, Value, Veto, Vote
from chimera.domain.trust import lower
from chimera.platform.governance.trust_judging import judged
from chimera.platform.governance.trust_rules import RULE, Proposal, Share, propose
from chimera.platform.store.records import OrderRecord

UNDONE = ("rolled_back", "failed")


class Standing(Value):
    """One runbook in one environment."""

    runbook: str
    environment: str
    level: Trust  # that holds now
    configured: Trust  # what the settings say
    proposals: int
    followed: Share  # of what people judged
    untold: int  # proposals of which nobody's deeds tell
    proved: Share  # repairs that ran, and were proved
    rolled_back: int
    failed: int
    unverified: int
    refused: int  # by policy, a lock or the moment, before anything was changed
    incidents: int
    recovered: float | None = None  # median seconds from the first symptom to the end
    proposal: Proposal
    stepped_down: StepDown | None = None


class TrustReport(Value):
    """Everything since a moment. Times are medians in seconds."""

    since: datetime
    at: datetime
    incidents: int
    detected: float | None  # from the first symptom to the opening
    recovered: float | None  # from the first symptom to the end
    escalations: int  # incidents that a person was handed
    false_incidents: Share  # which people voted not useful, of those that they voted on
    requests: int  # to models
    tokens: int
    money: float
    standings: tuple[Standing, ...]
    rule: str = RULE


class Facts(Value):
    """What is on record of a stretch of time."""

    incidents: tuple[Incident, ...] = ()
    orders: tuple[OrderRecord, ...] = ()
    handed_over: frozenset[str] = frozenset()  # incidents that a person was handed
    vetoes: tuple[Veto, ...] = ()
    votes: tuple[Vote, ...] = ()
    step_downs: tuple[StepDown, ...] = ()
    requests: int = 0
    tokens: int = 0
    money: float = 0.0


def report(
    facts: Facts, level: Callable[[str, str], Trust], since: datetime, at: datetime
) -> TrustReport:
    """`level`: of an environment and a runbook, as the settings have it."""
    incidents = {one.id: one for one in facts.incidents}
    people = [o for o in facts.orders if o.order.requested_by != CHIMERA.id]
    groups: defaultdict[tuple[str, str], list[OrderRecord]] = defaultdict(list)
    for record in facts.orders:
        if record.order.requested_by == CHIMERA.id:
            groups[record.order.environment, record.order.runbook].append(record)
    downs = {(one.environment, one.runbook): one for one in facts.step_downs}
    standings = [
        standing(
            pair, groups.get(pair, []), incidents, people, facts.vetoes, level, downs.get(pair)
        )
        for pair in sorted({*groups, *downs})
    ]
    votes = last_words(facts.votes, incidents)
    return TrustReport(
        since=since,
        at=at,
        incidents=len(incidents),
        detected=middle((i.opened - i.began).total_seconds() for i in facts.incidents),
        recovered=middle(recovery(facts.incidents)),
        escalations=len(facts.handed_over & set(incidents)),
        false_incidents=Share(hits=sum(not useful for useful in votes), of=len(votes)),
        requests=facts.requests,
        tokens=facts.tokens,
        money=facts.money,
        standings=tuple(standings),
    )


def standing(
    pair: tuple[str, str],
    records: Sequence[OrderRecord],
    incidents: Mapping[str, Incident],
    people: Sequence[OrderRecord],
    vetoes: Sequence[Veto],
    level: Callable[[str, str], Trust],
    down: StepDown | None,
) -> Standing:
    """One row of the report."""
    environment, runbook = pair
    said = [judged(r, incidents.get(r.order.incident), people, vetoes) for r in records]
    ended = [r.outcome.status for r in records if r.outcome]
    undone = sum(status in UNDONE for status in ended)
    followed = Share(hits=said.count("followed"), of=len(said) - said.count("untold"))
    proved = Share(hits=ended.count("applied"), of=ended.count("applied") + undone)
    configured = level(environment, runbook)
    now = lower(configured, down.level if down else None)
    theirs = [incidents[r.order.incident] for r in records if r.order.incident in incidents]
    return Standing(
        runbook=runbook,
        environment=environment,
        level=now,
        configured=configured,
        proposals=len(records),
        followed=followed,
        untold=said.count("untold"),
        proved=proved,
        rolled_back=ended.count("rolled_back"),
        failed=ended.count("failed"),
        unverified=ended.count("unverified"),
        refused=sum(map(refused, records)),
        incidents=len({i.id for i in theirs}),
        recovered=middle(recovery(theirs)),
        proposal=propose(now, followed, proved, undone),
        stepped_down=down,
    )


def refused(record: OrderRecord) -> bool:
    """By policy, a lock or the moment; what a person denied is a judgement."""
    outcome = record.outcome
    return outcome is not None and outcome.status == "refused" and not outcome.denied_by


def recovery(incidents: Iterable[Incident]) -> Iterable[float]:
    """Of those that were merged, the incident that took them in tells."""
    unique = {one.id: one for one in incidents if one.resolved and not one.merged_into}
    return ((one.resolved - one.began).total_seconds() for one in unique.values() if one.resolved)


def last_words(votes: Iterable[Vote], incidents: Mapping[str, Incident]) -> list[bool]:
    """Of each incident that was voted on, whether most found it useful; a draw counts as useful."""
    of: defaultdict[str, list[bool]] = defaultdict(list)
    for vote in votes:
        if vote.subject in incidents:
            of[vote.subject].append(vote.useful)
    return [sum(said) * 2 >= len(said) for said in of.values()]


def middle(values: Iterable[float]) -> float | None:
    found = list(values)
    return median(found) if found else None
