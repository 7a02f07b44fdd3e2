"""The estate as a whole: what is wished of each service, and how wishes are changed."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from chimera.domain import NotFound, TargetState
from chimera.sandbox.estate.credentials import fingerprint
from chimera.sandbox.estate.desired import Desired, wish_file, write_whole
from chimera.sandbox.estate.fences import Fences
from chimera.sandbox.estate.fleet import Fleet
from chimera.sandbox.estate.records import Records
from chimera.sandbox.estate.spec import SERVICES, ServiceSpec


def healthy(spec: ServiceSpec) -> Desired:
    """What is wished of a service on a good day."""
    return Desired(
        service=spec.name,
        release=spec.release,
        previous_release=spec.previous_release,
        configuration=dict(spec.configuration),
    )


class Plant:
    """Wishes and the fleet that follows them. One change of a service at a time."""

    def __init__(self, records: Records, fleet: Fleet) -> None:
        self.records, self.fleet = records, fleet
        self.fences = Fences(records)
        self.locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.wishes = records.wishes()
        for spec in SERVICES.values():
            for version in (spec.previous_release, spec.release):
                records.publish(spec.name, version, {})
            if spec.name not in self.wishes:
                self.wishes[spec.name] = healthy(spec)
        for spec in SERVICES.values():
            if spec.signs_in_to and not self.wishes[spec.name].credential:
                self.issue(spec.name)
        for wish in self.wishes.values():
            self.keep(wish)

    async def start(self) -> None:
        """Everything up: callees before callers, those that need nobody at the same time."""
        await asyncio.gather(*(self.fleet.converge(self.wishes[name]) for name in SERVICES))

    def wish(self, service: str) -> Desired:
        """Raises NotFound."""
        try:
            return self.wishes[service]
        except KeyError:
            known = ", ".join(sorted(SERVICES))
            raise NotFound(f"there is no service {service!r} here; there are {known}") from None

    def keep(self, wish: Desired) -> None:
        """Remember a wish and let the processes see it."""
        self.wishes[wish.service] = wish
        self.records.keep_wish(wish)
        path = wish_file(self.fleet.wiring.home, wish.service)
        write_whole(path, wish.model_dump_json())

    async def change(self, service: str, changes: Mapping[str, Any]) -> None:
        """Wish something else of a service and see to it."""
        self.keep(self.wish(service).model_copy(update=dict(changes)))
        await self.fleet.converge(self.wishes[service])

    def deploy(self, service: str, release: str) -> dict[str, Any]:
        """The changes of a wish that bring another release. Raises NotFound."""
        wish, known = self.wish(service), self.records.releases(service)
        if release not in known:
            raise NotFound(
                f"{service} has no release {release!r}; it has {', '.join(list(known)[-5:])}"
            )
        return {
            "release": release,
            "behaviours": known[release],
            "previous_release": wish.release,
            "generation": wish.generation + 1,
            "changed": {**wish.changed, "release": str(time.time())},
        }

    def configure(self, service: str, key: str, value: str) -> dict[str, Any]:
        """The changes of a wish that give a setting another value. Raises NotFound."""
        wish = self.wish(service)
        if key not in wish.configuration:
            raise NotFound(
                f"{service} has no setting {key!r}; it has {', '.join(sorted(wish.configuration))}"
            )
        before = wish.configuration[key]
        return {
            "configuration": {**wish.configuration, key: value},
            "previous_configuration": {**wish.previous_configuration, key: before},
            "changed": {**wish.changed, "configuration": str(time.time()), "key": key},
        }

    def publish(self, service: str, behaviours: dict[str, str]) -> str:
        """A new version in the release registry: the next patch level, whatever is in it."""
        newest = max(
            self.records.releases(service), key=lambda v: [int(part) for part in v.split(".")]
        )
        major, minor, patch = newest.split(".")
        version = f"{major}.{minor}.{int(patch) + 1}"
        self.records.publish(service, version, behaviours)
        return version

    def issue(self, service: str) -> str:
        """Give a service a new credential that its upstream accepts; returns its fingerprint."""
        upstream = SERVICES[service].signs_in_to
        token = secrets.token_urlsafe(24)
        old = fingerprint(self.wishes[service].credential)
        there = self.wishes[upstream]
        accepted = {name: share for name, share in there.accepted.items() if name != old}
        self.keep(there.model_copy(update={"accepted": {**accepted, fingerprint(token): 0.0}}))
        self.keep(self.wishes[service].model_copy(update={"credential": token}))
        return fingerprint(token)

    async def state(self, service: str) -> TargetState:
        """What an operator may know. Raises NotFound."""
        wish = self.wish(service)
        spec = SERVICES[service]
        details = await self.fleet.details(service)
        details["ready"] = str(self.fleet.alive(service))
        if spec.kind == "step":
            details["schedule"] = "paused" if wish.paused else "running"
        if spec.pool:
            details["pool_generation"] = str(wish.pool_generation)
        if spec.signs_in_to:
            details["credential_upstream"] = spec.signs_in_to
            details["credential"] = fingerprint(wish.credential)
        for what, value in wish.changed.items():
            details["changed_key" if what == "key" else f"{what}_changed_at"] = value
        return TargetState(
            name=service,
            replicas=wish.replicas,
            max_replicas=spec.max_replicas,
            release=wish.release,
            previous_release=wish.previous_release,
            configuration=wish.configuration,
            previous_configuration=wish.previous_configuration,
            details=details,
        )
