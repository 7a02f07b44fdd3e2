"""Every error Chimera raises on purpose.

ChimeraError
├── Refused            permanent; trying again changes nothing
│   ├── PolicyDenied        a policy, a freeze, a pause or a budget forbids it
│   │   └── TooManyAtOnce       as many changes are under way as policy allows
│   ├── ApprovalExpired     nobody answered in time
│   ├── BadSignature        not signed by Chimera, altered, or expired
│   ├── NotAllowed          this person may not do this
│   ├── NotFound            no such incident, order, runbook, target
│   ├── PreconditionFailed  the world is not as the runbook needs it
│   ├── NotRepaired         the change was applied and the symptom persists
│   ├── NoVerdict           no data or no traffic: neither repaired nor not
│   └── Misconfigured       a setting is missing or wrong
└── Unavailable        transient; Temporal retries it

Temporal sees only the class name, so the class decides whether a step is retried.
A message says who could not do what, why, and what to do next.
"""

from __future__ import annotations


class ChimeraError(Exception):
    """Base class; catch this at the edges only."""


class Refused(ChimeraError):
    """The world or a rule said no; trying again changes nothing."""


class PolicyDenied(Refused):
    """A policy, a freeze, a pause or a budget forbids the order."""


class TooManyAtOnce(PolicyDenied):
    """As many changes are under way in the environment as policy allows."""


class ApprovalExpired(Refused):
    """Nobody answered in time."""


class BadSignature(Refused):
    """An order or approval that Chimera did not sign, or that was altered or has expired."""


class NotAllowed(Refused):
    """This person may not do this."""


class NotFound(Refused):
    """There is no such thing."""


class PreconditionFailed(Refused):
    """The runbook does not apply to the state it found."""


class NotNeeded(Refused):
    """The trouble has gone without the runbook."""


class NotRepaired(Refused):
    """The change was applied and the symptom persists."""


class NoVerdict(Refused):
    """No data or no traffic: nobody can say whether it is repaired."""


class Misconfigured(Refused):
    """A setting is missing, of the wrong type or unknown."""


class Unavailable(ChimeraError):
    """Something Chimera depends on did not answer, or answered with a server error."""

    def __init__(self, service: str, asked: str = "answer", answer: str = "") -> None:
        super().__init__(f"{service} could not {asked}" + (f": {answer}" if answer else ""))
        self.service = service


def refusals(kind: type[Refused] = Refused) -> list[str]:
    """Name every error Temporal must not retry."""
    return [kind.__name__, *(name for child in kind.__subclasses__() for name in refusals(child))]
