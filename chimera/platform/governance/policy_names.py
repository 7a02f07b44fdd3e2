"""Names in trust, freezes and policies that mean nothing here: misspelt, they would grant the default."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from chimera.domain import Estate, Trust
from chimera.platform.governance.cedar import CedarPolicies
from chimera.platform.settings import Policy as PolicySettings

ALIKE = 0.8  # of a name and a misspelling of it, as difflib's ratio

WORDS = {"level": tuple(Trust), "touches": ("estate", "alerts")}  # all that they can be


@dataclass(frozen=True)
class Misnamed:
    """One name that nothing has. `stops`: nothing may be changed until it is corrected."""

    said: str
    stops: bool


def misnamed(
    settings: PolicySettings, cedar: CedarPolicies, runbooks: Collection[str], estate: Estate
) -> list[Misnamed]:
    """Every name that is not one of this installation's, with what it may have been meant as."""
    return [
        *_trusted(settings, runbooks, estate.environment),
        *_written(settings, cedar, runbooks, estate),
    ]


def _trusted(
    settings: PolicySettings, runbooks: Collection[str], environment: str
) -> Iterator[Misnamed]:
    for place, levels in settings.trust.items():
        where = f"policy.trust.{place}"
        if place not in (environment, "*"):
            # Files are shared: another environment's rows are no mistake, unless ours is missing.
            yield _elsewhere(where, place, environment, known=environment in settings.trust)
        for name in levels:
            if name not in runbooks and name != "*":
                yield _no_runbook(where, name, runbooks)
    for freeze in settings.freezes:
        place = freeze.environment
        if place not in (environment, "*"):
            known = {place, environment} <= set(settings.trust)
            yield _elsewhere("policy.freezes", place, environment, known)


def _written(
    settings: PolicySettings, cedar: CedarPolicies, runbooks: Collection[str], estate: Estate
) -> Iterator[Misnamed]:
    nodes = [node.name for node in estate.nodes]
    for said in dict.fromkeys(cedar.written()):
        where, name = f"policy {said.policy!r}", said.text
        if said.about == "runbook" and name not in runbooks:
            yield _no_runbook(where, name, runbooks)
        elif said.about == "environment" and name != estate.environment:
            known = {name, estate.environment} <= set(settings.trust)
            yield _elsewhere(where, name, estate.environment, known)
        elif said.about in WORDS and name not in WORDS[said.about]:
            words = WORDS[said.about]
            yield Misnamed(f"{where} asks for {said.about} {name!r}; there is {_list(words)}", True)
        elif said.about == "target" and nodes and name not in nodes:
            meant = _meant(name, nodes)
            yield Misnamed(f"{where} names {name!r}, which is no node of the estate{meant}", False)


def _no_runbook(where: str, name: str, runbooks: Collection[str]) -> Misnamed:
    meant = _meant(name, runbooks) or "; `chimera runbooks list` shows them"
    return Misnamed(f"{where} names the runbook {name!r}, and there is none{meant}", True)


def _elsewhere(where: str, place: str, environment: str, known: bool) -> Misnamed:
    if not known and get_close_matches(place.lower(), [environment.lower()], cutoff=ALIKE):
        return Misnamed(
            f"{where} is for {place!r}, and this installation's environment is {environment!r}: "
            f"correct it, or name {environment!r} in policy.trust too if both are meant",
            True,
        )
    return Misnamed(f"{where} is for {place!r}: nothing here, in {environment!r}", False)


def _meant(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, list(known), 1, ALIKE)
    return f"; {near[0]!r} is near" if near else ""


def _list(words: Collection[str]) -> str:
    return ", ".join(str(word) for word in words)
