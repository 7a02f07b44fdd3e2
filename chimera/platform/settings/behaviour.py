"""How Chimera decides: policy, the loop, detection, memory, and what may leave."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from chimera.domain import Trust
from chimera.platform.settings.section import Section
from chimera.platform.settings.windows import Freeze


class Policy(Section):
    directory: Path | None = None  # Cedar policies; the ones that ship with Chimera if not given
    # environment -> runbook (or "*") -> level. What is not named is in `observe`.
    trust: dict[str, dict[str, Trust]] = Field(default_factory=dict)
    changes_per_hour: int = Field(10, ge=0)  # per environment
    changes_at_once: int = Field(2, ge=1)  # per environment; whatever is beyond it waits
    rollbacks_before_ask: int = Field(2, ge=1)  # in an hour: the level drops to `ask`
    # Of Chimera's own orders; 0: never asks for this.
    repeats_before_ask: int = Field(3, ge=0)  # of one runbook on one target in 24 hours
    asks_from_felt_by: int = Field(20, ge=0)  # so many others that feel a target's trouble
    approval_minutes: float = Field(30.0, gt=0, le=43_200)
    freezes: tuple[Freeze, ...] = ()


class Loop(Section):
    """The incident loop's clocks, in scrape intervals where not said otherwise."""

    settle: int = Field(3, ge=0)  # from opening to diagnosis: let symptoms gather, let blips pass
    verify_wait: int = Field(3, ge=0)  # after a change, before its proof is asked for
    verify_for: int = Field(9, ge=1)  # how long the proof may take; twice that while it gets better
    quiet: int = Field(4, ge=1)  # healthy for so long: resolved
    cool_down_seconds: float = Field(120.0, ge=0, le=86_400)  # between two orders on one target
    attempts: int = Field(3, ge=1)  # orders an incident may cost before a person has it


class Detection(Section):
    """How much odd has to be before it is told of."""

    # Over everything that is watched together.
    false_alarms_per_week: float = Field(100.0, gt=0)


class Memory(Section):
    """What resolved incidents taught, and how much it weighs."""

    weighs: bool = True  # off: every incident is looked at as if it were the first
    half_life_days: float = Field(30.0, gt=0)


class Guard(Section):
    hosts: tuple[str, ...] = ()  # beside those that the settings name; `.example.org` is a domain
