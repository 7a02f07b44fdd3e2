"""The real Prometheus of the observability tests, for these as well."""

from __future__ import annotations

from tests.observability.conftest import prometheus, target

__all__ = ["prometheus", "target"]
