"""LangSmith: LangChain sends it every message as soon as an environment variable says so.

Here it gets them only where `guard.hosts` lists its host, and never by an environment alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from langsmith import tracing_context
from langsmith.run_helpers import get_tracing_context

from chimera.platform.governance.links import Links
from chimera.platform.settings import Settings

USUAL = "https://api.smith.langchain.com"
PREFIXES = ("LANGSMITH_", "LANGCHAIN_")  # the former wins, as it does in LangSmith's client
OLD = ("LANGCHAIN_TRACING", "LANGCHAIN_HANDLER")  # of years ago; LangChain stops where it sees one
ELSEWHERE = ("RUNS_ENDPOINTS", "OTEL_ENABLED")  # several addresses, or one of other variables


@contextmanager
def traced(hosts: Iterable[str] | None = None) -> Iterator[None]:
    """Runs inside are traced if the environment asks for it and the address is on one of `hosts`.

    Without `hosts` the answer is that of the run around this one; by itself it is no.
    """
    if hosts is None:
        enabled = get_tracing_context().get("enabled") is True
    else:
        links = Links(hosts)
        enabled = wished(os.environ) and all(links.allowed(one) for one in targets(os.environ))
    for name in OLD:
        os.environ.pop(name, None)
    with tracing_context(enabled=enabled):
        yield


def listed(services: Mapping[type, Any]) -> tuple[str, ...]:
    """The hosts that somebody named on purpose; those of Chimera's own services are none of them."""
    settings: Settings | None = services.get(Settings)
    return settings.guard.hosts if settings else ()


def wished(environment: Mapping[str, str]) -> bool:
    """Whether the environment asks for traces."""
    return (said(environment, "TRACING_V2") or said(environment, "TRACING")) == "true"


def targets(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Where they would go; what cannot be told is no address, and thus not listed."""
    if any(said(environment, name) not in ("", "false") for name in ELSEWHERE):
        return ("",)
    return (said(environment, "ENDPOINT") or USUAL,)


def said(environment: Mapping[str, str], name: str) -> str:
    found = (environment.get(f"{prefix}{name}", "").strip() for prefix in PREFIXES)
    return next((value for value in found if value), "").strip("\"'")
