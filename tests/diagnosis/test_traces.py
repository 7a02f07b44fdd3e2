"""Spans of OTLP and Jaeger are the same spans."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chimera.diagnosis.spans.owntime import learn_calls, own_time
from chimera.domain import Misconfigured
from chimera.platform.traces import read_spans


def otlp() -> dict[str, Any]:
    def of(service: str, **span: Any) -> dict[str, Any]:
        name = {"key": "service.name", "value": {"stringValue": service}}
        trace = {"traceId": "a" * 32, **span}
        return {"resource": {"attributes": [name]}, "scopeSpans": [{"spans": [trace]}]}

    second = 1_700_000_000_000_000_000
    return {
        "resourceSpans": [
            of("shop", spanId="1" * 16, name="GET /", startTimeUnixNano=str(second),
               endTimeUnixNano=str(second + 100_000_000)),
            of("stock", spanId="2" * 16, parentSpanId="1" * 16, name="count",
               startTimeUnixNano=str(second + 10_000_000),
               endTimeUnixNano=str(second + 70_000_000)),
        ]
    }  # fmt: skip


def jaeger() -> dict[str, Any]:
    above = [{"refType": "CHILD_OF", "traceID": "a", "spanID": "1"}]
    began = 1_700_000_000_000_000
    spans = [
        {"traceID": "a", "spanID": "1", "operationName": "GET /", "startTime": began,
         "duration": 100_000, "processID": "p1", "references": [], "tags": []},
        {"traceID": "a", "spanID": "2", "operationName": "count", "startTime": began + 10_000,
         "duration": 60_000, "processID": "p2", "references": above, "tags": []},
    ]  # fmt: skip
    processes = {"p1": {"serviceName": "shop"}, "p2": {"serviceName": "stock"}}
    return {"data": [{"traceID": "a", "spans": spans, "processes": processes}]}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(otlp()),
        "\n".join([json.dumps(otlp())] * 2),
        json.dumps({"batches": otlp()["resourceSpans"]}),
        json.dumps(jaeger()),
    ],
    ids=["otlp", "otlp, written twice", "tempo", "jaeger"],
)
def test_every_format_gives_the_same_spans(text: str, tmp_path: Path) -> None:
    path = tmp_path / "spans.json"
    path.write_text(text)
    spans = read_spans(path)
    assert own_time(spans).tolist() == pytest.approx([40.0, 60.0], abs=1e-3)
    assert learn_calls(spans).edges == {("shop", "stock")}


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", '{"data": 3}', '{"resourceSpans": [{"scopeSpans": 1}]}']
)
def test_what_holds_no_spans_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "spans.json"
    path.write_text(text)
    with pytest.raises(Misconfigured, match="spans"):
        read_spans(path)
