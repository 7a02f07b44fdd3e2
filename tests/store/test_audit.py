"""The audit log is one chain that nobody changes unseen."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

import chimera.platform.store
from chimera.domain import Approval, Decision, Outcome, Trust, Veto
from chimera.domain.findings import FaultKind
from chimera.platform.governance.audit import Entry, Head, digest
from chimera.platform.identity.signing import Signer
from chimera.platform.store import OrderRecord, Store
from tests.store.test_store import NOW, incident, order

SIGNER = Signer("k" * 32)
DEEDS = 12


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await opened_at(tmp_path)
    yield opened
    await opened.close()


async def opened_at(folder: Path, signer: Signer | None = SIGNER) -> Store:
    store = await Store.open(f"sqlite+aiosqlite:///{folder / 'chimera.db'}")
    if signer:
        store.seal_audit(signer.seal)
    return store


async def filled(store: Store, deeds: int = DEEDS) -> Head:
    for number in range(deeds):
        said = Entry(who="ana", action="thing.done", object=f"t-{number}", details={"n": number})
        await store.audit(said)
    return await store.audit_head()


async def tampered(store: Store, *statements: str) -> None:
    """As somebody does who may do everything in the database."""
    async with store._engine.begin() as connection:
        for name in ("audit_no_update", "audit_no_delete"):
            await connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
        for statement in statements:
            await connection.exec_driver_sql(statement)


async def test_a_chain_that_nobody_touched_holds_and_is_sealed(store: Store) -> None:
    head = await filled(store)
    verdict = await store.verify_audit(kept=head)
    assert (verdict.rows, verdict.sealed, verdict.broken) == (DEEDS, True, None)
    assert verdict.head == head


async def test_the_database_itself_refuses_to_change_a_row(store: Store) -> None:
    await filled(store)
    for statement in ("UPDATE audit SET who = 'bob' WHERE seq = 3", "DELETE FROM audit"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with store._engine.begin() as connection:
                await connection.execute(text(statement))


@pytest.mark.parametrize(
    ("statements", "kind", "row"),
    [
        (["UPDATE audit SET who = 'bob' WHERE seq = 4"], "altered", 4),
        (["UPDATE audit SET details = '{\"n\":9}' WHERE seq = 1"], "altered", 1),
        (["DELETE FROM audit WHERE seq IN (5, 6)"], "missing", 5),
        (["DELETE FROM audit WHERE seq > 9"], "truncated", 10),
        (["DELETE FROM audit"], "truncated", 1),
        (
            [
                "UPDATE audit SET seq = 99 WHERE seq = 7",
                "UPDATE audit SET seq = 7 WHERE seq = 8",
                "UPDATE audit SET seq = 8 WHERE seq = 99",
            ],
            "altered",
            7,
        ),
        (
            [
                "DELETE FROM audit WHERE seq > 9",
                "UPDATE audit_head SET seq = 9, hash = (SELECT hash FROM audit WHERE seq = 9)",
            ],
            "unsealed",
            9,
        ),
        (
            ["UPDATE audit_head SET seq = 9, hash = (SELECT hash FROM audit WHERE seq = 9)"],
            "added",
            10,
        ),
    ],
)
async def test_the_first_row_that_does_not_hold_is_named(
    store: Store, statements: list[str], kind: str, row: int
) -> None:
    await filled(store)
    await tampered(store, *statements)
    broken = (await store.verify_audit()).broken
    assert broken is not None
    assert (broken.kind, broken.seq) == (kind, row)
    assert str(row) in broken.why


async def test_a_log_that_was_written_anew_with_right_hashes_is_not_sealed(
    store: Store, tmp_path: Path
) -> None:
    kept = await filled(store)
    await tampered(
        store, "DELETE FROM audit", f"UPDATE audit_head SET seq = 0, hash = '{'0' * 64}'"
    )
    thief = await opened_at(tmp_path, signer=None)
    await filled(thief)
    await thief.close()
    broken = (await store.verify_audit()).broken
    assert broken is not None
    assert broken.kind == "unsealed"
    # Going on writes down for ever that it went on from there; a kept head shows it as well.
    await filled(store, 1)
    broken = (await store.verify_audit()).broken
    assert broken is not None
    assert (broken.kind, broken.seq) == ("unsealed", DEEDS + 1)
    assert (await store.verify_audit(accepted=(DEEDS + 1,))).broken is None
    broken = (await store.verify_audit(kept, (DEEDS + 1,))).broken
    assert broken is not None
    assert (broken.kind, broken.seq) == ("altered", DEEDS)


async def test_a_kept_head_shows_what_was_cut_off_and_sealed_again(store: Store) -> None:
    early = await filled(store)
    later = await filled(store)
    seal = f"seq = {early.seq}, hash = '{early.hash}', seal = '{early.seal}'"
    await tampered(
        store, f"DELETE FROM audit WHERE seq > {early.seq}", f"UPDATE audit_head SET {seal}"
    )
    assert (await store.verify_audit()).broken is None  # an old head, with its own seal
    broken = (await store.verify_audit(kept=later)).broken
    assert broken is not None
    assert broken.kind == "truncated"


async def test_what_is_written_again_is_not_written_twice(store: Store) -> None:
    said = Entry(who="chimera", action="message.sent", object="slack", key="sent/slack/n1")
    assert [await store.audit(said), await store.audit(said, said)] == [1, 0]
    record = OrderRecord(order=order())
    for _ in range(2):
        await store.save_order(record)
    for _ in range(2):
        await store.change_order("INC-1/1", state="waiting", decision=DECISION)
    assert [row.action for row in reversed(await store.audited())] == [
        "message.sent", "order.placed", "order.decided",
    ]  # fmt: skip


DECISION = Decision(verdict="ask", reason="it asks", level=Trust.ASK, policies=("chimera-asks",))


async def test_many_writers_keep_one_chain(store: Store, tmp_path: Path) -> None:
    others = [await opened_at(tmp_path) for _ in range(3)]

    async def write(one: Store, number: int) -> None:
        for deed in range(10):
            said = Entry(who=f"w{number}", action="thing.done", key=f"shared/{deed}")
            await one.audit(Entry(who=f"w{number}", action="thing.done"), said)

    await asyncio.gather(*(write(one, n) for n, one in enumerate([store, *others])))
    for one in others:
        await one.close()
    verdict = await store.verify_audit()
    assert (verdict.rows, verdict.broken) == (4 * 10 + 10, None)


async def dying(store: Store) -> None:
    async with store._engine.begin() as connection:
        await store._audit(connection, Entry(who="ana", action="thing.done"))
        raise RuntimeError("the process dies")


async def test_a_change_that_is_not_made_is_not_in_the_log(store: Store) -> None:
    await store.save_order(OrderRecord(order=order()))
    before = await store.audit_head()
    with pytest.raises(RuntimeError):
        await dying(store)
    assert await store.audit_head() == before


async def test_pruning_leaves_the_log(store: Store) -> None:
    await filled(store)
    await store.prune(datetime.now(UTC) + timedelta(days=400))
    await store.forget_limits()
    assert (await store.verify_audit()).rows == DEEDS


async def test_an_orders_life_is_told_with_who_and_on_what_grounds(store: Store) -> None:
    secret = "because the password is hunter2"
    await store.save_order(OrderRecord(order=order(evidence=("logs:1",), reason=secret)))
    approval = Approval(
        order_id="INC-1/1", approver="ana", granted=True, note=secret, plan_hash="p",
        at=NOW, expires=NOW,
    )  # fmt: skip
    await store.change_order("INC-1/1", state="running", approval=approval)
    outcome = Outcome(order_id="INC-1/1", status="applied", reason=secret, at=NOW)
    await store.change_order("INC-1/1", state="done", outcome=outcome)
    rows = list(reversed(await store.audited(incident="INC-1")))
    assert [(row.who, row.behalf, row.action) for row in rows] == [
        ("chimera", "", "order.placed"),
        ("ana", "chimera", "order.approved"),
        ("chimera", "", "order.began"),
        ("chimera", "", "order.ended"),
    ]
    assert rows[0].details["evidence"] == ["logs:1"]
    assert rows[-1].details["reason"] == digest(secret)
    assert "hunter2" not in "".join(row.model_dump_json() for row in rows)


async def test_people_are_found_by_name_and_time(store: Store) -> None:
    await store.save_incident(incident())
    await store.pause("practice", "ana", "exam")
    await store.resume("practice", "bob")
    await store.veto(
        Veto(incident="INC-1", target="orders", kind=FaultKind.MEMORY, person="ana", at=NOW)
    )
    assert [row.action for row in await store.audited(who="ana")] == ["cause.vetoed", "pause.set"]
    assert [row.action for row in await store.audited(action="pause")] == [
        "pause.lifted", "pause.set",
    ]  # fmt: skip
    assert await store.audited(since=datetime.now(UTC) + timedelta(minutes=1)) == []


@pytest.mark.parametrize("text_", ["a\0b", "\ud800 alone", "ж" * 400])
async def test_no_text_breaks_the_chain(store: Store, text_: str) -> None:
    await store.audit(Entry(who=text_, action="thing.done", details={text_: [text_]}))
    assert (await store.verify_audit()).broken is None
    assert digest(text_)


# Methods of the store that write and are not audited, each with its reason.
INTERNAL = {
    "Inbox.put_signals": "what sensors say", "Inbox._put_groups": "what sensors say",
    "Incidents.next_incident": "a number", "Incidents.save_incident": "the loop's own view",
    "Incidents.change_incident": "the loop's own view", "Membership.grouped": "grouping",
    "Membership.release_members": "grouping", "Release.release_later": "grouping",
    "Memories.keep_dossier": "what a run looked at; the run is audited",
    "Memories.remember": "drawn from what is audited", "Chronicle.save_postmortem": "the same",
    "Leases.take_lease": "of an order, which is audited", "Leases.mark_changed": "the same",
    "Leases.end_lease": "the same", "Silences.fence_alerting": "the same",
    "Spending.settle_model": "of a request, which is audited",
    "Spending.refund_model": "the same", "StoredNotes.put": "channels' memory",
    "StoredNotes.put_once": "channels' memory", "Moves.was_told": "delivery",
    "Pruning.prune": "what nobody asks for", "Pruning.forget_limits": "benches only",
}  # fmt: skip


def test_whatever_writes_is_audited_or_says_why_not() -> None:
    """A method that is added to the store is audited, or is put into the list above on purpose."""
    writes, told = set(), set()
    for file in Path(chimera.platform.store.__file__).parent.glob("*.py"):
        for kind in (n for n in ast.parse(file.read_text()).body if isinstance(n, ast.ClassDef)):
            for method in (n for n in kind.body if isinstance(n, ast.AsyncFunctionDef)):
                asked = {
                    n.func.attr
                    for n in ast.walk(method)
                    if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)
                }
                if "begin" in asked:
                    writes.add(f"{kind.name}.{method.name}")
                if asked & {"_audit", "_save", "_did"}:
                    told.add(f"{kind.name}.{method.name}")
    assert writes - told == set(INTERNAL)
