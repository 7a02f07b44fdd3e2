"""Searching log files: bounded, redacted, and what changed in them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chimera.platform.observability import LogFiles, redacted
from chimera.platform.observability.logs import template

START = datetime(2026, 1, 1, tzinfo=UTC)


def write(path: Path, *messages: str, level: str = "error", service: str = "orders") -> None:
    lines = [
        json.dumps(
            {
                "time": (START + timedelta(seconds=i)).isoformat(),
                "level": level,
                "service": service,
                "trace_id": f"t{i}",
                "message": message,
                "password": "hunter2",
            }
        )
        for i, message in enumerate(messages)
    ]
    with path.open("a") as file:
        file.write("\n".join(lines) + "\n")


async def test_search_finds_lines_by_words_service_and_time(tmp_path: Path) -> None:
    write(tmp_path / "orders-0.log", "payment 17 refused", "payment 18 done", "payment 19 refused")
    write(tmp_path / "payments-0.log", "payment 17 refused by bank", service="payments")
    (tmp_path / "orders-1.log").write_text("no json\n{}\n[1]\n")
    logs = LogFiles(tmp_path)
    found = await logs.search("REFUSED payment", START, START + timedelta(minutes=1), "orders")
    assert [line.message for line in found.lines] == ["payment 17 refused", "payment 19 refused"]
    assert found.lines[0].fields == {"password": "[hidden]"}
    newest = await logs.search("", START, START + timedelta(minutes=1), limit=1)
    assert (len(newest.lines), newest.matched, newest.truncated) == (1, 4, True)
    late = await logs.search("", START + timedelta(seconds=1), START + timedelta(seconds=1))
    assert late.matched == 1
    assert (await LogFiles(tmp_path / "none").search("x", START, START)).lines == ()


async def test_only_the_tail_of_a_large_file_is_read(tmp_path: Path) -> None:
    write(tmp_path / "orders-0.log", *(f"line {i}" for i in range(500)))
    found = await LogFiles(tmp_path, tail=2000).search("line", START, START + timedelta(hours=1))
    assert 0 < found.matched < 20
    assert found.truncated
    assert found.lines[-1].message == "line 499"


async def test_the_summary_puts_what_is_new_first(tmp_path: Path) -> None:
    usual = [f"order {i} stored in {i * 7} ms" for i in range(60)]
    write(tmp_path / "orders-0.log", *usual, level="info")
    write(tmp_path / "orders-0.log", *([""] * 40), *(f"pool exhausted for {i}" for i in range(20)))
    summary = await LogFiles(tmp_path).summary(
        START, START + timedelta(seconds=30), START + timedelta(seconds=60)
    )
    counts = {t.template: (t.before, t.after) for t in summary}
    assert summary[0].template == "pool exhausted for <n>"
    assert counts["pool exhausted for <n>"] == (0, 20)
    assert counts["order <n> stored in <n> ms"] == (30, 30)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("login failed password=hunter2 for bob", "hunter2"),
        ('{"api_key": "abc123def"}', "abc123def"),
        ("Authorization: Bearer abc.def-ghi123", "abc.def"),
        ("postgresql://orders:s3cret@127.0.0.1/db", "s3cret"),
        ("got eyJhbGciOiJI.eyJzdWIi.c2lnbmF0dXJl", "eyJ"),
        ("key AKIAABCDEFGHIJKLMNOP used", "AKIA"),
        ("bank_token: 'a b c'", "a b"),
        ("the password for the bank is hunter2, ana", "hunter2"),
    ],
)
def test_secrets_are_hidden(text: str, secret: str) -> None:
    assert secret not in redacted(text)
    for plain in ("orders took 17 ms, tokens were fine", "the token is expired since 12 h"):
        assert redacted(plain) == plain


def test_templates_mask_what_differs() -> None:
    assert template("order 6f1d2c3b-aaaa-bbbb-cccc-0123456789ab took 17.5 ms") == (
        "order <id> took <n> ms"
    )
    assert template("orders-1 at 10.0.0.7:8080") == "orders-<n> at <address>"
