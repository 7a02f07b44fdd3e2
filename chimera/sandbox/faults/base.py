"""What a fault is, and the instruments with which it breaks things."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from chimera.domain import FaultKind

if TYPE_CHECKING:
    from chimera.sandbox.estate.plant import Plant


CORE, DATA = "core", "data"


class Cause(BaseModel):
    """The true cause, for those who judge a diagnosis."""

    target: str
    kind: FaultKind


class Marks(dict[str, Any]):
    """What a fault did, as plain JSON: enough to take it back."""


class Surgery:
    """The controller's instruments, for faults alone."""

    def __init__(self, plant: Plant) -> None:
        self.plant = plant

    async def ail(self, service: str, ailment: str, numbers: dict[str, float]) -> Marks:
        """Give every process of a service an ailment that ends with the process."""
        words = {"name": ailment, "numbers": numbers}
        await self.plant.fleet.tell(service, "ailments", words)
        return Marks(ailment=ailment, numbers=numbers)

    async def heal(self, service: str, ailment: str) -> None:
        await self.plant.fleet.tell(service, "ailments", {"name": ailment, "end": True})

    async def wish(self, service: str, **changes: Any) -> None:
        """Change what is wished of a service."""
        async with self.plant.locks[service]:
            await self.plant.change(service, changes)

    async def configure(self, service: str, key: str, value: str) -> Marks:
        """Give a setting another value, as an operator would."""
        async with self.plant.locks[service]:
            before = self.plant.wish(service).configuration[key]
            await self.plant.change(service, self.plant.configure(service, key, value))
        return Marks(key=key, value=value, before=before)

    async def unconfigure(self, service: str, marks: Marks) -> None:
        """Take it back, unless somebody else did already."""
        if self.plant.wish(service).configuration[marks["key"]] == marks["value"]:
            await self.configure(service, marks["key"], marks["before"])

    async def deploy(self, service: str, behaviours: dict[str, str]) -> Marks:
        """Publish a release that behaves so, and deploy it."""
        async with self.plant.locks[service]:
            before = self.plant.wish(service).release
            version = self.plant.publish(service, behaviours)
            await self.plant.change(service, self.plant.deploy(service, version))
        return Marks(release=version, before=before)

    async def undeploy(self, service: str, marks: Marks) -> None:
        """Take it back, unless somebody else did already."""
        async with self.plant.locks[service]:
            if self.plant.wish(service).release == marks["release"]:
                await self.plant.change(service, self.plant.deploy(service, marks["before"]))

    async def command(self, service: str, name: str, **arguments: str) -> dict[str, str]:
        return await self.plant.fleet.ask(service, name, arguments)


class Fault(ABC):
    """One way to break something. Subclass it, and put an instance at module level.

    `magnitudes` bounds what may be asked; 1 is the demo's. `repair` is the runbook that mends it,
    None where nothing may be changed.
    """

    name: str
    summary: str
    symptom: str
    kind: FaultKind
    repair: str | None = None
    is_fault: bool = True  # False: nothing is wrong, and nothing may be repaired
    targets: tuple[str, ...]
    magnitudes: tuple[float, float] = (0.5, 2.0)
    scale: str = "stronger"  # what a greater magnitude means
    duration: float = 900.0  # seconds, then it is taken back by itself
    slow: bool = False  # grows; users are hit a minute or more later
    set: str = CORE  # the bench's table that it belongs to

    def causes(self, target: str) -> tuple[Cause, ...]:
        """What is truly wrong."""
        return (Cause(target=target, kind=self.kind),)

    def repairs(self, target: str) -> tuple[str, ...]:
        """The runbooks that mend it, one for each cause."""
        return (self.repair,) if self.repair else ()

    @abstractmethod
    async def inject(
        self, surgery: Surgery, target: str, magnitude: float, seed: int
    ) -> dict[str, Any]:
        """Break it; return what `clear` needs, as plain JSON."""

    @abstractmethod
    async def clear(self, surgery: Surgery, target: str, marks: Marks) -> None:
        """Take back whatever is still there."""

    def describe(self) -> dict[str, Any]:
        """For `chimera faults list --json`."""
        return {
            "name": self.name,
            "summary": self.summary,
            "symptom": self.symptom,
            "is_fault": self.is_fault,
            "targets": list(self.targets),
            "magnitude": {
                "low": self.magnitudes[0],
                "demo": 1.0,
                "high": self.magnitudes[1],
                "means": self.scale,
            },
            "duration": self.duration,
            "slow": self.slow,
            "set": self.set,
            "causes": {
                target: [cause.model_dump(mode="json") for cause in self.causes(target)]
                for target in self.targets
            },
            "repairs": {target: list(self.repairs(target)) for target in self.targets},
        }


class Ailment(Fault):
    """A fault inside the process: a restart cures it."""

    ailment: str

    @abstractmethod
    def numbers(self, target: str, magnitude: float) -> dict[str, float]:
        """What the ailment is told: how fast, how much."""

    async def inject(
        self, surgery: Surgery, target: str, magnitude: float, seed: int
    ) -> dict[str, Any]:
        return await surgery.ail(target, self.ailment, self.numbers(target, magnitude))

    async def clear(self, surgery: Surgery, target: str, marks: Marks) -> None:
        await surgery.heal(target, self.ailment)
