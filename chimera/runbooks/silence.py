from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, model_validator

from chimera.domain import (
    Estate,
    Matcher,
    NotRepaired,
    Order,
    Plan,
    PreconditionFailed,
    Risk,
    RunbookCard,
)
from chimera.runbooks.base import Parameters, Runbook

SHORT = timedelta(hours=4)  # longer, or of what users feel: somebody else must agree
LONGEST = timedelta(days=30)


class SilenceParameters(Parameters):
    """Comma-separated names or globs; `labels` as `name=value,...`; times in ISO 8601 with offset."""

    service: str = ""
    signal: str = ""
    environment: str = ""
    labels: str = ""
    since: AwareDatetime
    until: AwareDatetime
    kind: Literal["silence", "maintenance"] = "silence"
    learn: bool = True

    @model_validator(mode="after")
    def makes_sense(self) -> SilenceParameters:
        if self.until <= self.since:
            raise ValueError("a silence must end after it begins")
        if self.until - self.since > LONGEST:
            raise ValueError(
                f"a silence lasts at most {LONGEST.days} days; change the rule instead"
            )
        if self.kind == "silence" and self.matcher.empty:
            raise ValueError("a silence must name a service, a signal or a label")
        return self

    @property
    def matcher(self) -> Matcher:
        return Matcher.read(self.service, self.signal, self.environment, self.labels)


class SilenceAlerts(Runbook[SilenceParameters]):
    """Open no incident for signals that match, for a while; what is found is recorded."""

    Parameters = SilenceParameters
    card = RunbookCard(
        name="silence",
        summary="Hold back signals that match, until a moment; they are recorded all the same",
        risk=Risk.LOW,
        reversible=True,
        mends=(),
        invasiveness=0,
        touches="alerts",
        parameters=SilenceParameters.model_json_schema(),
    )

    def target(self, parameters: SilenceParameters) -> str:
        return parameters.matcher.target

    def does(self, parameters: SilenceParameters) -> str:
        what = "Silences" if parameters.kind == "silence" else "Maintenance of"
        until = f"{parameters.until.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        felt = "; what users feel too" if quiets_pages(parameters) else ""
        return f"{what} {parameters.matcher} until {until}{felt}"

    def undo(self, parameters: SilenceParameters) -> str:
        return "`chimera silence lift ID`; it ends by itself"

    def plan(self, order: Order, estate: Estate) -> Plan:
        """Its risk is what could be missed: long silences and those of pages ask somebody else."""
        parameters = self.parse(order)
        risk = Risk.LOW
        if parameters.until - parameters.since > SHORT:
            risk = Risk.MEDIUM
        if quiets_pages(parameters):
            risk = Risk.HIGH
        return super().plan(order, estate).model_copy(update={"risk": risk})

    async def precheck(self, order: Order) -> None:
        if self.parse(order).until <= datetime.now(UTC):
            raise PreconditionFailed(f"order {order.id} would silence what is past; make a new one")

    async def apply(self, order: Order) -> None:
        given = self.parse(order)
        await self.perform(
            order,
            "silence",
            silence_id(order.id),
            matcher=given.matcher.model_dump_json(),
            kind=given.kind,
            since=given.since.isoformat(),
            until=given.until.isoformat(),
            learn=str(given.learn).lower(),
            by=order.requested_by,
            reason=order.reason,
        )

    async def verify(self, order: Order, since: float, again: bool = False) -> None:
        state = await self.actuator.state(silence_id(order.id))
        if not state.exists:
            raise NotRepaired(f"the silence of order {order.id} is not in force")

    async def rollback(self, order: Order) -> None:
        await self.take_back(order, "lift_silence", silence_id(order.id), by=order.requested_by)


class LiftParameters(Parameters):
    silence: str


class LiftSilence(Runbook[LiftParameters]):
    """End a silence or a maintenance window before its time."""

    Parameters = LiftParameters
    card = RunbookCard(
        name="lift_silence",
        summary="End a silence or a maintenance window before its time",
        risk=Risk.LOW,
        reversible=True,
        mends=(),
        invasiveness=0,
        touches="alerts",
        parameters=LiftParameters.model_json_schema(),
    )

    def target(self, parameters: LiftParameters) -> str:
        return parameters.silence

    def does(self, parameters: LiftParameters) -> str:
        return f"Lifts {parameters.silence}: what is still abnormal opens incidents again"

    def undo(self, parameters: LiftParameters) -> str:
        return "silences it again until its old end"

    async def apply(self, order: Order) -> None:
        name = self.parse(order).silence
        await self.perform(order, "lift_silence", name, by=order.requested_by)

    async def verify(self, order: Order, since: float, again: bool = False) -> None:
        name = self.parse(order).silence
        if (await self.actuator.state(name)).details.get("lifted") != "true":
            raise NotRepaired(f"{name} is still in force")

    async def rollback(self, order: Order) -> None:
        await self.take_back(order, "silence", self.parse(order).silence)


def silence_id(order: str) -> str:
    return f"SIL-{hashlib.sha256(order.encode()).hexdigest()[:8]}"


def quiets_pages(parameters: SilenceParameters) -> bool:
    """Whether what users feel would be held back too."""
    return parameters.kind == "maintenance" or parameters.matcher.explicit
