"""A release that a question takes for granted: whether it is there, what runs, whose it is."""

from __future__ import annotations

import re
from datetime import timedelta

from chimera.agents.chat.proposing import same
from chimera.agents.chat.shape import Ask, Looks, Reply, Skill
from chimera.agents.chat.telling import clock, joined
from chimera.agents.understanding.faults import NUMBERED
from chimera.domain import Change

BACK = timedelta(hours=24)
FRESH = timedelta(minutes=5)
SPOKEN = re.compile(
    r"\b(?:release|version|deploy|deployed|deployment|rollout|upgrade|build)\w*\b", re.I
)


def checked(skill: Skill) -> Skill:
    """A skill that first says what is wrong with the release a question names."""

    async def told(ask: Ask, looks: Looks) -> Reply:
        wrong = await premise(ask, looks)
        reply = await skill(ask, looks)
        return reply.model_copy(update={"text": f"{wrong} {reply.text}"}) if wrong else reply

    told.__doc__ = skill.__doc__
    return told


async def premise(ask: Ask, looks: Looks) -> str:
    """What is wrong with the release that is named; "" where it runs or none is named."""
    text, node = ask.reading.text, ask.named
    versions = NUMBERED.findall(text)
    if not node or not versions or not (SPOKEN.search(text) or re.search(r"\bv\d", text)):
        return ""
    look = await looks.see("list_changes", since=ask.now - BACK, until=ask.now)
    if look.trouble:
        return ""
    releases = [c for c in look.data if c.kind == "release"]
    mine = sorted((c for c in releases if c.service == node), key=lambda c: c.at)
    wanted = versions[0]
    runs = mine[-1].after if mine else ""
    shown = await running(ask, looks, look.evidence[0].query) if look.evidence and releases else {}
    runs = runs or shown.get(node, "")
    if same(wanted, runs):
        return ""
    if gone := next((c for c in reversed(mine) if same(wanted, c.before)), None):
        return f"{node} does not run {wanted} any more: {gone.after} took its place at {clock(gone.at)}."
    if any(same(wanted, c.after) for c in mine):
        return f"{node} does not run {wanted} any more; it runs {runs}."
    now = f"; it runs {runs}" if runs else ""
    return f"There was no release {wanted} of {node} in the last 24 h{now}.{elsewhere(wanted, releases, shown)}"


def elsewhere(wanted: str, releases: list[Change], shown: dict[str, str]) -> str:
    """Where the release is instead."""
    made = [c for c in releases if same(wanted, c.after)]
    if made:
        told = (f"{c.service}, released at {clock(c.at)}" for c in made)
        return f" {wanted} is a release of {joined(told)}."
    holders = [name for name, version in shown.items() if same(wanted, version)]
    return f" {wanted} is what {joined(holders)} runs." if holders else ""


async def running(ask: Ask, looks: Looks, query: str) -> dict[str, str]:
    """Service -> release, from the metric on which the changes were seen."""
    metric = query.split("{")[0]
    look = await looks.see("ask_metrics", promql=metric, since=ask.now - FRESH, until=ask.now)
    names = set(ask.known.nodes)
    found: dict[str, str] = {}
    for series in look.data or ():
        service = next((v for v in series.labels.values() if v in names), "")
        version = next((v for v in series.labels.values() if NUMBERED.fullmatch(v)), "")
        if service and version:
            found[service] = version
    return found
