"""What people asked for and were refused: in the audit log, whichever way of asking there is.

What they were granted is written by the store, together with what it changed.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any, TypeVar

from chimera.domain import Principal, Refused
from chimera.platform.governance.audit import Entry, digest

Kind = TypeVar("Kind", bound=type[Any])
ASKER = "who"  # the parameter that says who asks
asking: ContextVar[bool] = ContextVar("asking", default=False)  # within what a person asked for


def refusals_audited(kind: Kind) -> Kind:
    """A class whose every public coroutine that takes `who` notes when it refuses.

    Its instances have a store in `_store`. A method that is added later is covered by itself.
    """
    for name, method in inspect.getmembers(kind, inspect.iscoroutinefunction):
        if not name.startswith("_") and ASKER in inspect.signature(method).parameters:
            setattr(kind, name, audited(name, method))
    return kind


def audited(name: str, method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    signature = inspect.signature(method)

    @functools.wraps(method)
    async def asked(self: Any, *given: Any, **named: Any) -> Any:
        if asking.get():  # by way of another method, which notes it
            return await method(self, *given, **named)
        before = asking.set(True)
        try:
            return await method(self, *given, **named)
        except Refused as error:
            arguments = signature.bind(self, *given, **named).arguments
            who: Principal = arguments[ASKER]
            about = next((v for v in list(arguments.values())[1:] if isinstance(v, str)), "")
            said = Entry(
                who=who.id,
                action=f"{name}.refused",
                object=about,
                incident=about.partition("/")[0] if about.startswith("INC-") else "",
                details={
                    "via": who.via,
                    "roles": list(who.roles),
                    "error": type(error).__name__,
                    "reason": digest(str(error)),
                },
            )
            await self._store.audit(said)
            raise
        finally:
            asking.reset(before)

    return asked
