"""Silences, votes and moves in the store: twice is once, a fence holds, old databases open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text

import chimera.platform.store
from chimera.domain import Effect, Matcher, NotFound, PreconditionFailed, Vote
from chimera.platform.actuators.alerting import AlertingHands
from chimera.platform.store import Store
from tests.clock import just_now


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'chimera.db'}")
    yield store
    await store.close()


def effect(verb: str, order: str, back: bool = False, **given: str) -> Effect:
    key = f"{order}#rollback" if back else order
    return Effect.model_validate(
        {"key": key, "order_id": order, "verb": verb, "target": "SIL-1", "arguments": given}
    )


def silencing(order: str = "MAN-1/1") -> Effect:
    return effect(
        "silence",
        order,
        matcher=Matcher(services=("web",)).model_dump_json(),
        kind="silence",
        since=just_now().isoformat(),
        until=(just_now() + timedelta(hours=1)).isoformat(),
        learn="true",
        by="bob",
        reason="noise",
    )


async def test_the_hands_of_alerting_keep_an_actuators_contract(store: Store) -> None:
    hands = AlertingHands(store)
    assert not (await hands.state("SIL-1")).exists
    for _ in range(2):  # twice is once
        assert await hands.perform(silencing()) == {"silence": "SIL-1"}
    assert len(await store.silences(just_now())) == 1
    assert await hands.effects("MAN-1/1") == {"MAN-1/1": {"silence": "SIL-1"}}
    await hands.perform(effect("lift_silence", "MAN-2/1", by="ana"))
    await hands.perform(effect("lift_silence", "MAN-3/1", by="eve"))
    assert (await store.silence("SIL-1")).lifted_by == "ana"
    assert await store.silences(datetime.now(UTC)) == []
    await hands.perform(effect("silence", "MAN-2/1", back=True))  # the lifting is taken back
    assert (await hands.state("SIL-1")).exists
    with pytest.raises(PreconditionFailed):
        await hands.perform(effect("restart", "MAN-4/1"))
    with pytest.raises(NotFound, match="silence list"):
        await store.silence("SIL-9")


async def test_a_fenced_order_silences_nothing_and_may_still_be_undone(store: Store) -> None:
    hands = AlertingHands(store)
    await hands.fence("MAN-1/1")
    assert await hands.perform(silencing()) == {"fenced": "true"}
    assert await store.silences() == []
    assert await hands.effects("MAN-1/1") == {}
    await hands.perform(silencing("MAN-2/1"))
    await hands.fence("MAN-2/1")
    await hands.perform(effect("lift_silence", "MAN-2/1", back=True))
    assert (await store.silence("SIL-1")).lifted


async def test_a_vote_is_one_a_person(store: Store) -> None:
    def vote(person: str, useful: bool) -> Vote:
        return Vote(
            subject="a", person=person, useful=useful, signal="cpu", service="web", at=just_now()
        )

    for person, useful in (("bob", False), ("bob", True), ("ana", False)):
        await store.vote(vote(person, useful))
    votes = await store.votes(just_now() - timedelta(days=1))
    assert {v.person: v.useful for v in votes} == {"bob": True, "ana": False}
    assert await store.votes(just_now()) == []
    assert await store.unvote("a", "bob")
    assert not await store.unvote("a", "bob")


async def test_a_database_of_the_first_release_opens_with_all_that_it_holds(
    tmp_path: Path,
) -> None:
    file = tmp_path / "old.db"
    engine = create_engine(f"sqlite:///{file}")
    config = Config()
    folder = Path(chimera.platform.store.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))

    def first_release(connection: Connection) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")

    with engine.begin() as connection:
        first_release(connection)
        connection.execute(
            text(
                "INSERT INTO members VALUES "
                "('a', 'alert', NULL, 'web', 1, '2026-01-01 00:00:00', '{}')"
            )
        )
    engine.dispose()
    store = await Store.open(f"sqlite+aiosqlite:///{file}")
    (member,) = await store.members(active=True)
    assert (member.signal, member.held) == ("a", None)
    assert await store.silences() == []
    await store.close()
