"""One contract over every tool there is or will be."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import chimera.tools
from chimera.domain import CHIMERA, Evidence, Incident, Order, Principal, Unavailable
from chimera.domain.discovery import discover
from chimera.platform.access import Datasets, MetricNames
from chimera.platform.catalog.shelf import Shelf
from chimera.platform.observability.logs import LogFiles
from chimera.platform.observability.prometheus import Prometheus
from chimera.platform.store.records import OrderRecord
from chimera.platform.store.store import Store
from chimera.tools.base import EXCERPT, Look, Tool, evidence_id, tool
from tests.agents.library import CARDS, NOW, services
from tests.diagnosis.town import BEGAN, Town

TOOLS: dict[str, Tool] = discover(chimera.tools, Tool)
PLAIN: dict[str, Any] = {
    "promql": "up",
    "service": "lending",
    "name": "lending",
    "incident": "INC-7",
    "order": "INC-7/1",
    "sql": "select amount from lending",
    "began": datetime.fromtimestamp(BEGAN, NOW.tzinfo),
    "since": NOW - timedelta(minutes=30),
    "until": NOW,
}


class OnlyUp(MetricNames):
    """A Prometheus that knows one metric."""

    def _get_now(self, endpoint: str, asked: dict[str, str]) -> Any:
        answers = {"format_query": asked.get("query"), "series": [{"__name__": "up", "job": "x"}]}
        return answers.get(endpoint, ["up"])


async def recorded(store: Store) -> None:
    """One incident and one order, to be shown."""
    await store.save_incident(
        Incident(id="INC-7", title="slow", service="lending", began=NOW, opened=NOW)
    )
    order = Order(
        id="INC-7/1",
        incident="INC-7",
        attempt=1,
        runbook="restart_service",
        parameters={"service": "lending"},
        target="lending",
        reason="slow",
        requested_by="chimera",
        created=NOW,
        expires=NOW,
    )
    await store.save_order(OrderRecord(order=order))


@pytest.fixture
async def everything(tmp_path: Path) -> AsyncIterator[dict[type, Any]]:
    """Every service a tool may ask for."""
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}")
    town = Town().slow("fees", 0.6).change("fees", "release", 12)
    await recorded(store)
    (tmp_path / "lending").mkdir()
    table = pa.table({"amount": [1.0, 2.0], "note": ["x" * 100_000, None]})
    pq.write_table(table, tmp_path / "lending" / "part-0.parquet")
    more = {
        Principal: CHIMERA,
        Store: store,
        LogFiles: LogFiles(tmp_path),
        MetricNames: OnlyUp("http://prometheus.invalid"),
        Datasets: Datasets(tmp_path),
        Shelf: Shelf(CARDS),
    }
    yield {**services(town), **more}
    await store.close()


def arguments(one: Tool) -> dict[str, Any]:
    """Values for what it must be told."""
    fields = one.arguments.model_fields
    wanted = {name for name, field in fields.items() if field.is_required()} | {"until"}
    return {name: PLAIN[name] for name in fields if name in wanted}


def test_the_tools_of_this_issue_are_found() -> None:
    wanted = {
        "compare_metrics",
        "list_changes",
        "past_incidents",
        "query_metrics",
        "search_logs",
        "walk_topology",
        "ask_data",
        "ask_metrics",
        "capacity",
        "list_incidents",
        "list_orders",
        "list_runbooks",
        "show_incident",
        "show_order",
        "signals_now",
        "slo_status",
        "trace_lineage",
    }
    assert wanted <= set(TOOLS)


@pytest.mark.parametrize("name", TOOLS)
def test_it_says_what_it_is_for_and_what_it_takes(name: str) -> None:
    one = TOOLS[name]
    assert len(one.purpose) > 30
    assert Principal in one.needs.values()
    schema = one.arguments.model_json_schema()
    assert schema["additionalProperties"] is False
    assert all("type" in p or "anyOf" in p for p in schema["properties"].values())
    assert not {"who"} & set(schema["properties"])


@pytest.mark.parametrize("name", TOOLS)
async def test_its_evidence_is_stable_capped_and_can_be_opened(
    name: str, everything: dict[type, Any]
) -> None:
    one = TOOLS[name].bind(everything)
    assert one is not None
    first, second = await one(arguments(one.tool)), await one(arguments(one.tool))
    assert first.trouble is None
    assert [e.id for e in first.evidence] == [e.id for e in second.evidence]
    assert len({e.id for e in first.evidence}) == len(first.evidence)
    for piece in first.evidence:
        assert piece.tool == name
        assert piece.id.startswith(f"{name}:")
        assert piece.claim
        assert piece.query
        assert len(piece.excerpt) <= EXCERPT + 100


@pytest.mark.parametrize("name", TOOLS)
async def test_wrong_arguments_come_back_as_trouble(name: str, everything: dict[type, Any]) -> None:
    one = TOOLS[name].bind(everything)
    assert one is not None
    for wrong in ({**arguments(one.tool), "surprise": 1}, {"until": "soon", "service": 7}):
        look = await one(wrong)
        assert look.trouble is not None
        assert look.trouble.kind == "arguments"
        assert name in look.trouble.message


@pytest.mark.parametrize("name", TOOLS)
async def test_it_is_not_offered_where_a_service_is_missing(
    name: str, everything: dict[type, Any]
) -> None:
    one = TOOLS[name]
    for kind in one.needs.values():
        rest = {k: v for k, v in everything.items() if k is not kind}
        assert one.bind(rest) is None
        assert one.missing(rest) == (kind.__name__,)


@pytest.mark.parametrize("name", [n for n, t in TOOLS.items() if Prometheus in t.needs.values()])
async def test_prometheus_down_comes_back_as_trouble(
    name: str, everything: dict[type, Any]
) -> None:
    one = TOOLS[name].bind({**everything, **services(Town(), down=True)})
    assert one is not None
    look = await one(arguments(one.tool))
    assert look.trouble is not None
    assert look.trouble.kind == "unavailable"


@tool
async def endless(*, who: Principal) -> Look:
    """Wait for what never comes."""
    await asyncio.Event().wait()
    return Look()


@tool
async def wordy(*, who: Principal) -> Look:
    """Say far too much, far too often."""
    piece = Evidence(id="x", tool="wordy", claim="c", query="q", excerpt="y" * 100_000)
    return Look((piece,) * 500)


@tool
async def broken(*, who: Principal) -> Look:
    """Ask somebody who is away."""
    raise Unavailable("somebody", "answer")


async def test_time_size_and_errors_are_bounded_by_the_base() -> None:
    bound = {one.name: one.bind({Principal: CHIMERA}) for one in (endless, wordy, broken)}
    late = await bound["endless"]({}, seconds=0.05)  # type: ignore[misc]
    assert late.trouble is not None
    assert late.trouble.kind == "timeout"
    much = await bound["wordy"]({})  # type: ignore[misc]
    assert len(much.evidence) <= 60
    assert all(len(e.excerpt) < EXCERPT + 100 for e in much.evidence)
    away = await bound["broken"]({})  # type: ignore[misc]
    assert away.trouble is not None
    assert away.trouble.kind == "unavailable"


def test_an_evidence_id_depends_on_tool_query_and_window() -> None:
    same = evidence_id("a", "up", NOW, NOW)
    assert same == evidence_id("a", "up", NOW, NOW)
    others = {
        evidence_id("b", "up", NOW, NOW),
        evidence_id("a", "down", NOW, NOW),
        evidence_id("a", "up", NOW, NOW + timedelta(seconds=5)),
    }
    assert same not in others
    assert len(others) == 3


def test_no_tool_can_reach_an_actuator() -> None:
    for one in TOOLS.values():
        source = inspect.getsource(inspect.getmodule(one.run) or chimera.tools)
        assert "actuators" not in source
        assert all("Actuator" not in kind.__name__ for kind in one.needs.values())
