"""The brake that needs nothing but the database: it pauses, it is on record, it never resumes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chimera.cli import build
from chimera.platform.governance.audit_chain import Verdict
from chimera.platform.identity.signing import Signer
from chimera.platform.store import Store
from chimera.platform.store.records import Pause

KEY = "a signing key of thirty-two bytes"


def run(*words: str) -> Result:
    return CliRunner().invoke(build(), list(words))


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A store as a worker leaves it, beside its settings."""
    address = f"sqlite+aiosqlite:///{tmp_path / 'chimera.db'}"
    (tmp_path / "key").write_text(KEY)
    (tmp_path / "chimera.toml").write_text(
        f'environment = "shop"\n[store]\nurl = "{address}"\n[identity]\nsigning_key = "file:key"\n'
        '[api]\nurl = "http://127.0.0.1:9"\n'
    )

    async def make() -> None:
        store = await Store.open(address)
        store.seal_audit(Signer(KEY).seal)
        await store.pause("elsewhere", "ana", "before")
        await store.close()

    asyncio.run(make())
    return address


async def looked(url: str) -> tuple[dict[str, Pause], Verdict, list[str]]:
    store = await Store.open(url)
    store.seal_audit(Signer(KEY).seal)
    try:
        rows = [f"{row.who} {row.action} {row.object}" for row in await store.audited()]
        return await store.pauses(), await store.verify_audit(), rows
    finally:
        await store.close()


def test_it_pauses_without_an_api_or_a_token_and_the_log_says_who(url: str) -> None:
    said = run("pause", "--store", "--reason", "the API is away")
    assert said.exit_code == 0, said.output
    assert said.stdout == "paused everywhere: no new change starts\n"
    pauses, verdict, rows = asyncio.run(looked(url))
    assert pauses["*"].reason == "the API is away"
    assert pauses["*"].by.endswith(", at the store")
    assert verdict.broken is None
    assert verdict.sealed
    assert any("at the store pause.set *" in row for row in rows)


def test_without_the_key_it_pauses_all_the_same_and_says_what_the_log_lacks(
    url: str, tmp_path: Path
) -> None:
    (tmp_path / "key").unlink()
    said = run("pause", "--store", "-e", "shop")
    assert said.exit_code == 0, said.output
    assert "without its seal" in said.stderr
    assert "shop" in asyncio.run(looked(url))[0]


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (("pause", "--store", "-e", "shopp"), 3, "there is no environment 'shopp'"),
        (("resume", "--store"), 2, "No such option"),
    ],
)
def test_it_pauses_nothing_else_and_resumes_never(
    url: str, words: tuple[str, ...], code: int, why: str
) -> None:
    said = run(*words)
    assert (said.exit_code, why in said.stderr) == (code, True), said.output
    assert set(asyncio.run(looked(url))[0]) == {"elsewhere"}


def test_a_store_that_is_not_there_is_not_made(url: str, tmp_path: Path) -> None:
    (tmp_path / "chimera.db").unlink()
    said = run("pause", "--store")
    assert (said.exit_code, "there is no store" in said.stderr) == (3, True)
    assert not (tmp_path / "chimera.db").exists()
    (tmp_path / "chimera.db").touch()
    empty = run("pause", "--store")
    assert (empty.exit_code, "stop the worker instead" in empty.stderr) == (5, True), empty.output
    assert empty.stderr.count("\n") == 1
