"""Jaeger's API as JSON: `/api/traces` and `/api/traces/<id>`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chimera.platform.traces.columns import RawSpan


def jaeger(document: Mapping[str, Any]) -> Iterator[RawSpan]:
    """The spans of an answer. Raises KeyError, TypeError or ValueError for what is none."""
    for trace in document["data"]:
        processes = trace.get("processes", {})
        for span in trace["spans"]:
            process = span.get("process") or processes[span["processID"]]
            above = [r for r in span.get("references", ()) if r.get("refType") == "CHILD_OF"]
            tags = {tag["key"]: tag.get("value") for tag in span.get("tags", ())}
            yield RawSpan(
                trace=str(span["traceID"]),
                id=str(span["spanID"]),
                parent=str(above[0]["spanID"]) if above else str(span.get("parentSpanID") or ""),
                service=str(process["serviceName"]),
                operation=str(span["operationName"]),
                started=float(span["startTime"]) / 1e6,
                lasted=float(span["duration"]) / 1e3,
                error=str(tags.get("error", "")).lower() == "true"
                or tags.get("otel.status_code") == "ERROR",
            )
