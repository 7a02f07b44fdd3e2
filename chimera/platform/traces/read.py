"""Spans of a file, whatever wrote it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chimera.diagnosis.observed import Spans
from chimera.domain import Misconfigured, NotFound
from chimera.platform.traces.columns import RawSpan, columns
from chimera.platform.traces.jaeger import jaeger
from chimera.platform.traces.otlp import otlp


class Unreadable(ValueError):
    """What holds no spans, told in our own words."""


def read_spans(path: Path) -> Spans:
    """OTLP JSON (one document, or one a line), Jaeger's or Tempo's answer, or Parquet.

    Raises NotFound, Misconfigured for what is none of these. Nothing of it is repeated.
    """
    if not path.is_file():
        raise NotFound(f"there is no file {path}; correct its name")
    if path.suffix == ".parquet":
        return columns(_parquet(path))
    try:
        return columns(span for document in _documents(path) for span in _spans(document))
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise Misconfigured(
            f"{path} holds no spans that can be read ({why(error)}); give OTLP JSON, the answer of "
            "Jaeger's or Tempo's API, or Parquet"
        ) from error


def why(error: Exception) -> str:
    """What is wrong, without a word of the file: a missing key's name is the format's."""
    if isinstance(error, KeyError):
        return f"a span without {error.args[0]}"
    if isinstance(error, json.JSONDecodeError):
        return f"no JSON at line {error.lineno}"
    return str(error) if type(error) is Unreadable else type(error).__name__


def _documents(path: Path) -> Iterator[dict[str, Any]]:
    text = path.read_text()
    try:
        yield json.loads(text)
    except json.JSONDecodeError:
        lines = [line for line in text.splitlines() if line.strip()]
        if not lines:
            raise Unreadable("it is empty") from None
        yield from map(json.loads, lines)


def _spans(document: dict[str, Any]) -> Iterator[RawSpan]:
    if "data" in document:
        return jaeger(document)
    if not document.keys() & {"resourceSpans", "batches", "trace"}:
        raise Unreadable("neither resourceSpans, batches nor data")
    return otlp(document)


def _parquet(path: Path) -> Iterator[RawSpan]:
    """Columns trace_id, span_id, parent_id, service, operation, start_ns and duration_us."""
    try:
        import pyarrow.parquet as pq
    except ImportError as error:
        raise Misconfigured(
            f"{path} is Parquet; install chimera-aiops[sandbox] to read it"
        ) from error
    names = ["trace_id", "span_id", "parent_id", "service", "operation", "start_ns", "duration_us"]
    try:
        table = pq.read_table(path, columns=names).to_pydict()
    except (OSError, ValueError) as error:
        raise Misconfigured(f"{path} is no Parquet with {', '.join(names)}") from error
    if missing := [name for name in names if name not in table]:
        raise Misconfigured(f"{path} holds no spans: it has no column {', '.join(missing)}")
    for trace, name, above, service, operation, began, took in zip(*table.values(), strict=True):
        yield RawSpan(trace or "", name, above or "", service, operation, began / 1e9, took / 1e3)
