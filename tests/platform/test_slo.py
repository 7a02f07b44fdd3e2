"""Service levels: burn windows, rules that fire when they should, and the file they are read from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import chimera.sandbox
from chimera.domain import Misconfigured
from chimera.domain.objectives import Objective
from chimera.platform.catalog.estate import load_estate
from chimera.platform.slo import burns, slo_rules
from tests.platform.promtool import prove_rules

ESTATE = Path(chimera.sandbox.__file__).parent / "estate.yaml"
MONTHLY = Objective.model_validate(
    {
        "name": "shop",
        "node": "shop",
        "objective": 0.999,
        "indicator": {
            "kind": "ratio",
            "good": 'http_requests_total{service="shop",code="200"}',
            "total": 'http_requests_total{service="shop"}',
        },
    }
)


def test_a_month_has_the_workbooks_windows_and_a_shorter_one_the_same_shares_of_its_budget() -> (
    None
):
    spans = [(b.rate, b.long, b.short, b.severity) for b in burns(MONTHLY, 15)]
    assert spans == [
        (14.4, 3600, 300, "page"),
        (6, 21600, 1800, "page"),
        (3, 86400, 7200, "ticket"),
        (1, 259200, 21600, "ticket"),
    ]
    week = MONTHLY.model_copy(update={"window": 7 * 86400.0})
    for month, short in zip(burns(MONTHLY, 15), burns(week, 15), strict=True):
        assert short.rate * short.long / week.window == pytest.approx(
            month.rate * month.long / MONTHLY.window, rel=0.01
        )
    lax = MONTHLY.model_copy(update={"objective": 0.9})
    assert [b.rate for b in burns(lax, 15)] == [6, 3, 1]  # 144 % of the events cannot fail


STOREFRONT = 'http_requests_total{service="storefront",code='
ORDERS = 'http_requests_total{service="orders",code="200"}'
QUICK = 'http_request_duration_seconds_bucket{service="storefront",le="0.8"}'
COUNT = 'http_request_duration_seconds_count{service="storefront"}'
AGE = 'dataset_freshness_seconds{dataset="sales_dashboard"}'
WELL = {  # one sample every 5 s, 60 minutes
    STOREFRONT + '"200"}': "0+50x720",
    STOREFRONT + '"500"}': "0+0x720",
    ORDERS: "0+30x720",
    QUICK: "0+50x720",
    COUNT: "0+50x720",
    AGE: "20+0x720",
}
FAST, SLOW, BLIND = "SloBurnsFast", "SloBurnsSlowly", "SloNotMeasured"
# 45 minutes well and then ill; asked after 60 minutes
ILL: dict[str, tuple[dict[str, str | None], set[tuple[str, str]]]] = {
    "nothing is wrong": ({}, set()),
    "a fifth of the pages fail": (
        {STOREFRONT + '"200"}': "0+50x540 27000+40x180", STOREFRONT + '"500"}': "0+0x540 0+10x180"},
        {(FAST, "storefront-availability"), (SLOW, "storefront-availability")},
    ),
    "four in a hundred pages fail": (
        {STOREFRONT + '"200"}': "0+50x540 27000+48x180", STOREFRONT + '"500"}': "0+0x540 0+2x180"},
        {(SLOW, "storefront-availability")},
    ),
    "half a page in a hundred fails, as was promised": (
        {STOREFRONT + '"200"}': "0+199x720", STOREFRONT + '"500"}': "0+1x720"},
        set(),
    ),
    "it has never served a page well": (
        {STOREFRONT + '"200"}': None, STOREFRONT + '"500"}': "0+50x720"},
        {(FAST, "storefront-availability"), (SLOW, "storefront-availability")},
    ),
    "it failed for a minute, ten minutes ago": (
        {
            STOREFRONT + '"200"}': "0+50x588 29400+0x12 29400+50x120",
            STOREFRONT + '"500"}': "0+0x588 0+50x12 600+0x120",
        },
        set(),
    ),
    "half of the pages are slow": (
        {QUICK: "0+50x540 27000+25x180"},
        {(FAST, "storefront-latency"), (SLOW, "storefront-latency")},
    ),
    "the dashboard is stale": (
        {AGE: "20+0x540 90+5x180"},
        {(FAST, "sales-dashboard-freshness"), (SLOW, "sales-dashboard-freshness")},
    ),
    "nobody orders": ({ORDERS: "0+30x540 16200+0x180"}, {(BLIND, "orders-availability")}),
    "orders is not scraped": ({ORDERS: None}, {(BLIND, "orders-availability")}),
}


@pytest.mark.parametrize("what", ILL)
async def test_the_practice_estates_alerts_fire_when_a_promise_breaks_and_only_then(
    what: str, tmp_path: Path
) -> None:
    objectives = load_estate(ESTATE).slos
    change, expected = ILL[what]
    series = {name: values for name, values in (WELL | change).items() if values}
    wanted = {
        (alert, slo.name): int((alert, slo.name) in expected)
        for alert in (FAST, SLOW, BLIND)
        for slo in objectives
    }
    await fires(tmp_path, slo_rules(objectives, 5), "5s", series, "60m", wanted)


async def test_a_month_long_objective_pages_within_the_hour_and_is_quiet_soon_after(
    tmp_path: Path,
) -> None:
    series = {  # one sample a minute: well for 6 h, a twentieth fails for 30 min, well again
        'http_requests_total{service="shop",code="200"}': "0+100x360 36000+95x30 38850+100x90",
        'http_requests_total{service="shop",code="500"}': "0+0x360 0+5x30 150+0x90",
    }
    rules = slo_rules([MONTHLY], 15)
    await fires(tmp_path, rules, "1m", series, "6h", {(FAST, "shop"): 0})
    await fires(tmp_path, rules, "1m", series, "6h30m", {(FAST, "shop"): 1})
    await fires(tmp_path, rules, "1m", series, "7h40m", {(FAST, "shop"): 0})


async def fires(
    folder: Path,
    rules: str,
    interval: str,
    series: dict[str, str],
    at: str,
    wanted: dict[tuple[str, str], int],
) -> None:
    """Have promtool play the series and say which alerts fire."""
    firing = "count(ALERTS{{alertname='{}', slo='{}', alertstate='firing'}}) or vector(0)"
    test: dict[str, Any] = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": interval,
        "tests": [
            {
                "interval": interval,
                "input_series": [{"series": s, "values": v} for s, v in series.items()],
                "promql_expr_test": [
                    {
                        "expr": firing.format(alert, slo),
                        "eval_time": at,
                        "exp_samples": [{"labels": "{}", "value": count}],
                    }
                    for (alert, slo), count in wanted.items()
                ],
            }
        ],
    }
    (folder / "rules.yml").write_text(rules)
    (folder / "test.yml").write_text(yaml.safe_dump(test))
    await prove_rules(folder / "test.yml")


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("objective: 0.99\n", "objektive: 0.99\n", r"slos\[storefront-availability\]\.objektive"),
        ("objective: 0.99\n", "objective: 99\n", r"\.objective is wrong"),
        ("window: 5h", "window: 5 hours", "'5 hours' is no span of time"),
        ("node: storefront\n", "node: storefrond\n", "names 'storefrond', which is no node"),
        ("kind: ratio", "kind: share", "must be freshness, latency, ratio"),
        ("threshold: 0.8", "thresholt: 0.8", r"indicator\.thresholt is not a key of a latency"),
        ("name: storefront-latency", "name: storefront-availability", "two service levels are"),
        ("""good: 'http""", """good: '1 - http""", r"indicator\.good is wrong"),
    ],
)
def test_a_mistake_in_a_service_level_names_it(
    tmp_path: Path, wrong: str, right: str, said: str
) -> None:
    path = tmp_path / "estate.yaml"
    text = ESTATE.read_text()
    assert wrong in text
    path.write_text(text.replace(wrong, right, 1))
    with pytest.raises(Misconfigured, match=said):
        load_estate(path)


def test_the_owner_is_the_nodes_if_nobody_else_is_named() -> None:
    assert {slo.name: slo.owner for slo in load_estate(ESTATE).slos} == {
        "storefront-availability": "web",
        "storefront-latency": "web",
        "orders-availability": "checkout",
        "sales-dashboard-freshness": "analytics",
    }
