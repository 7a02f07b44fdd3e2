"""Queries are proved before they run: SQL against schemas, PromQL against real names."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chimera.domain import Refused, Unavailable
from chimera.platform.access import Datasets, MetricNames, checked_promql, checked_sql, selectors_in

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
SCHEMA = {"loans": {"branch": "VARCHAR", "amount": "DOUBLE"}, "fees": {"id": "BIGINT"}}


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("DROP TABLE loans", "only read"),
        ("select 1; select 2", "one statement"),
        ("WITH x AS (DELETE FROM loans RETURNING *) SELECT * FROM x", "only read"),
        ("COPY loans TO 'out.csv'", "only read"),
        ("select amount into other from loans", "only read"),
        ("select * from read_csv('/etc/passwd')", "no dataset"),
        ("select * from '/etc/passwd'", "no dataset"),
        ("select * from information_schema.tables", "no dataset"),
        ("select getenv('HOME')", "outside"),
        ("select * from loan", "did you mean loans"),
        ("select amounts from loans", "did you mean amount"),
        ("selec amount from loans", "parse|only read"),
        ("ATTACH 'x.db'", "only read"),
        ("SET memory_limit='1TB'", "only read"),
        ("PRAGMA database_list", "only read"),
    ],
)
def test_sql_that_is_no_plain_question_is_refused(sql: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        checked_sql(sql, SCHEMA)


def test_sql_is_resolved_and_limited() -> None:
    assert "LIMIT 200" in checked_sql("select * from loans", SCHEMA)
    assert "LIMIT 3" in checked_sql("select * from loans limit 3", SCHEMA)
    assert "LIMIT 200" in checked_sql("select * from loans limit 99999", SCHEMA)
    assert "LIMIT 200" in checked_sql("select id from fees union all select 1", SCHEMA)


@pytest.fixture
def datasets(tmp_path: Path) -> Datasets:
    folder = tmp_path / "deep" / "loans"
    folder.mkdir(parents=True)
    table = pa.table({"branch": ["a", "b", "b", None], "amount": [1.0, 2.0, 3.0, 4.0]})
    pq.write_table(table, folder / "batch-1.parquet")
    (tmp_path / "secret.csv").write_text("a,b")
    return Datasets(tmp_path)


async def test_datasets_are_asked_profiled_and_bounded(datasets: Datasets) -> None:
    found = await datasets.ask("select branch, sum(amount) s from loans group by 1 order by 2 desc")
    assert found.rows[0] == ("b", 5.0)
    rows, columns = await datasets.profile("loans")
    assert (rows, columns[0].nulls, columns[1].high) == (4, 0.25, "4.0")
    endless = "select count(*) from loans a, loans b, loans c, loans d, loans e, loans f, loans g, loans h, loans i, loans j, loans k, loans l, loans m, loans n, loans o"  # noqa: E501
    with pytest.raises(Unavailable):
        await datasets.ask(endless, seconds=0.3)


async def test_even_an_unchecked_statement_sees_nothing_but_the_datasets(
    datasets: Datasets, tmp_path: Path
) -> None:
    for sql in (f"select * from read_csv('{tmp_path / 'secret.csv'}')", "install httpfs"):
        with pytest.raises(Refused):
            await datasets._bounded(sql, await datasets.schema(), 5.0)


class FewNames(MetricNames):
    """Two metrics; the parser takes everything that is balanced."""

    def _get_now(self, endpoint: str, asked: dict[str, str]) -> Any:
        if endpoint == "format_query":
            if asked["query"].count("(") != asked["query"].count(")"):
                raise Refused("Prometheus does not parse the query")
            return asked["query"]
        if endpoint == "series":
            return [
                {"__name__": asked["match[]"], "service": s, "code": c}
                for s in ("lending", "fees")
                for c in ("200", "500")
            ]
        return ["http_requests_total", "up"]


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("sum(rate(http_requests_total[5m])", "parse"),
        ("rate(http_request_total[5m])", "http_requests_total"),
        ('http_requests_total{servce="fees"}', "service"),
        ('http_requests_total{service="fee"}', "fees"),
        ('http_requests_total{code=~"4.."}', "4.."),
        ("sum by (team) (http_requests_total)", "team"),
        ('{service="fees"}', "names no metric"),
    ],
)
async def test_promql_with_a_wrong_name_is_refused_with_near_ones(query: str, why: str) -> None:
    with pytest.raises(Refused, match=why.replace(".", r"\.")):
        await checked_promql(query, FewNames("http://prometheus.invalid"), NOW)


async def test_promql_with_right_names_is_taken() -> None:
    names = FewNames("http://prometheus.invalid")
    query = (
        'sum by (service) (rate(http_requests_total{code=~"5..",service!="x"}[5m] offset 1h)) '
        "/ on (service) group_left () count by (service) (up) > bool 0.5 and vector(1)"
    )
    assert await checked_promql(query, names, NOW) == query
    selectors, grouped = selectors_in(query)
    assert [s.metric for s in selectors] == ["http_requests_total", "up"]
    assert grouped == {"service"}
