"""OTLP as JSON: what the OpenTelemetry collector's file exporter writes, and Tempo's API answers."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

from chimera.platform.traces.columns import RawSpan

FAILED = (2, "STATUS_CODE_ERROR")


def otlp(document: Mapping[str, Any]) -> Iterator[RawSpan]:
    """The spans of one `ExportTraceServiceRequest`, or of Tempo's `/api/traces/<id>`.

    Raises KeyError, TypeError or ValueError for what is none. Both the camelCase of OTLP and the
    `batches` and `instrumentationLibrarySpans` of older writers are read.
    """
    inner = document.get("trace", document)
    for resource in inner.get("resourceSpans", inner.get("batches", ())):
        attributes = resource.get("resource", {}).get("attributes", ())
        service = _attribute(attributes, "service.name") or "unknown_service"
        scopes = resource.get("scopeSpans", resource.get("instrumentationLibrarySpans", ()))
        for scope in scopes:
            for span in scope.get("spans", ()):
                began = int(span["startTimeUnixNano"])
                yield RawSpan(
                    trace=_id(span["traceId"]),
                    id=_id(span["spanId"]),
                    parent=_id(span.get("parentSpanId", "")),
                    service=service,
                    operation=str(span.get("name", "")),
                    started=began / 1e9,
                    lasted=(int(span["endTimeUnixNano"]) - began) / 1e6,
                    error=span.get("status", {}).get("code") in FAILED,
                )


def _attribute(attributes: Any, key: str) -> str:
    for pair in attributes:
        if pair.get("key") == key:
            return str(next(iter(pair.get("value", {}).values()), ""))
    return ""


def _id(text: str) -> str:
    """Hexadecimal, as OTLP wants it; protobuf's own JSON writes base64, and so does Tempo."""
    if len(text) in (0, 16, 32) and all(c in "0123456789abcdefABCDEF" for c in text):
        return "" if set(text) == {"0"} else text.lower()
    try:
        return base64.b64decode(text, validate=True).hex()
    except (binascii.Error, ValueError):
        return text
