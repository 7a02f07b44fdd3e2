"""A tool is a read-only async function; what it stands on are its keyword-only parameters.

`bind` fills those by their type, so that a tool is offered only where its services are. A bound
tool checks its arguments, keeps its time, caps what it returns, and never raises: what went wrong
is part of the answer.
"""

from __future__ import annotations

import asyncio
import hashlib
import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from chimera.domain import CHIMERA, Evidence, Principal, Refused, Unavailable, Value
from chimera.platform.governance.audit_trail import Trail
from chimera.tools.accounted import call_entry

EXCERPT = 4000  # characters of one piece of evidence
PIECES = 60  # pieces of evidence of one call
SECONDS = 15.0


class Trouble(Value):
    """Why a tool could not answer, in a form that a planner can act on."""

    tool: str
    kind: Literal["unavailable", "refused", "timeout", "arguments"]
    message: str


@dataclass(frozen=True)
class Look:
    """What a tool saw: evidence for people and models, `data` for rankers and planners."""

    evidence: tuple[Evidence, ...] = ()
    data: Any = None
    partial: bool = False
    trouble: Trouble | None = None


@dataclass(frozen=True)
class Tool:
    """One thing an agent may look at. Its docstring is what a model reads."""

    name: str
    run: Callable[..., Awaitable[Look]]
    seconds: float = SECONDS

    @property
    def purpose(self) -> str:
        return inspect.cleandoc(self.run.__doc__ or "")

    @cached_property
    def needs(self) -> dict[str, type]:
        """Each keyword-only parameter and the type of service it asks for."""
        hints = get_type_hints(self.run)
        parameters = inspect.signature(self.run).parameters.values()
        return {p.name: hints[p.name] for p in parameters if p.kind is p.KEYWORD_ONLY}

    @cached_property
    def arguments(self) -> type[BaseModel]:
        """The arguments as a strict model; its JSON Schema is what a model is offered."""
        hints = get_type_hints(self.run)
        fields: dict[str, Any] = {
            p.name: (hints[p.name], ... if p.default is p.empty else p.default)
            for p in inspect.signature(self.run).parameters.values()
            if p.kind is not p.KEYWORD_ONLY
        }
        return create_model(self.name, __config__=ConfigDict(extra="forbid"), **fields)

    def missing(self, services: Mapping[type, Any]) -> tuple[str, ...]:
        """The services it needs and has not; why it is not offered."""
        return tuple(kind.__name__ for kind in self.needs.values() if kind not in services)

    def bind(self, services: Mapping[type, Any]) -> BoundTool | None:
        """The tool on these services, or None where one is missing."""
        if self.missing(services):
            return None
        filled = {name: services[kind] for name, kind in self.needs.items()}
        return BoundTool(self, filled, services.get(Trail), services.get(Principal, CHIMERA))


@dataclass(frozen=True)
class BoundTool:
    """A tool that can be called with plain arguments."""

    tool: Tool
    services: dict[str, Any] = field(repr=False)
    trail: Trail | None = field(default=None, repr=False)  # None: nothing is audited here
    who: Principal = CHIMERA  # on whose behalf

    @property
    def name(self) -> str:
        return self.tool.name

    async def __call__(self, arguments: Mapping[str, Any], seconds: float | None = None) -> Look:
        """Look once, in at most `seconds`. What cannot be seen comes back as `trouble`; so does what
        could not be accounted for."""
        look = await self._look(arguments, seconds)
        if self.trail is not None:
            try:
                await self.trail.note(call_entry(self.name, arguments, look, self.who))
            except Unavailable as error:
                return self.failed("unavailable", str(error))
        return look

    async def _look(self, arguments: Mapping[str, Any], seconds: float | None) -> Look:
        allowed = min(self.tool.seconds, seconds if seconds is not None else self.tool.seconds)
        try:
            parsed = self.tool.arguments.model_validate(dict(arguments))
            values = {name: aware(getattr(parsed, name)) for name in type(parsed).model_fields}
            async with asyncio.timeout(allowed):
                look = await self.tool.run(**values, **self.services)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            return self.failed("arguments", f"{self.name} cannot use {where}: {first['msg']}")
        except TimeoutError:
            return self.failed("timeout", f"{self.name} did not answer within {allowed:.1f} s")
        except Unavailable as error:
            return self.failed("unavailable", str(error))
        except Refused as error:
            return self.failed("refused", str(error))
        kept = tuple(capped(piece) for piece in look.evidence[:PIECES])
        return replace(look, evidence=kept)

    def failed(
        self, kind: Literal["unavailable", "refused", "timeout", "arguments"], message: str
    ) -> Look:
        return Look(trouble=Trouble(tool=self.name, kind=kind, message=message[:EXCERPT]))


def tool(run: Callable[..., Awaitable[Look]]) -> Tool:
    """Declare a tool."""
    return Tool(name=run.__name__, run=run)


def aware(value: Any) -> Any:
    """A time without an offset is in UTC: models write such times."""
    naive = isinstance(value, datetime) and value.tzinfo is None
    return value.replace(tzinfo=UTC) if naive else value


def capped(evidence: Evidence) -> Evidence:
    """The same evidence with an excerpt that fits, and a word where it was cut."""
    if len(evidence.excerpt) <= EXCERPT:
        return evidence
    left = f"\n[{len(evidence.excerpt) - EXCERPT} characters left out; open the query]"
    return evidence.model_copy(update={"excerpt": evidence.excerpt[:EXCERPT] + left})


def evidence_id(
    tool_name: str, query: str, began: datetime | None = None, ended: datetime | None = None
) -> str:
    """The same look at the same window has the same id, wherever and whenever it is made."""
    window = "/".join(t.isoformat() if t else "" for t in (began, ended))
    digest = hashlib.sha256(f"{tool_name}\n{query}\n{window}".encode()).hexdigest()
    return f"{tool_name}:{digest[:12]}"
