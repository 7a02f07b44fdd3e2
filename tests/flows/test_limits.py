"""How much is changed at once, how often, and by whose right: on a real Temporal server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from chimera.domain import BadSignature, Order, Principal, Symptom
from chimera.runbooks.proof import Health
from tests.flows.company import SIGNER, Company, company, incident, order, symptom, until

OPS = Principal(id="ola", roles=("admin", "viewer"))


def busy(shop: Company) -> None:
    """`pay` is well once its release is back; `web` once it is restarted."""
    cures = {"pay": "set_release", "web": "restart"}

    def health(one: Symptom) -> Health:
        return "healthy" if cures[one.service] in shop.hands.calls else "sick"

    shop.health = health


async def texts(shop: Company, incident_id: str) -> str:
    return "\n".join(event.text for event in await shop.store.events(incident_id))


async def test_what_finds_no_room_waits_says_why_and_runs_then(
    client: Client, tmp_path: Path
) -> None:
    async with company(client, tmp_path, changes_at_once=1) as shop:
        busy(shop)
        blocked = True
        shop.held = lambda: blocked
        first = await shop.run(asked := order(symptoms=(symptom(service="pay"),)))
        await until(lambda: shop.store.orders(state="running"))
        trouble = incident()
        await shop.store.save_incident(trouble)
        second = order(
            incident=trouble.id,
            runbook="restart_service",
            parameters={"service": "web"},
            target="web",
            symptoms=(symptom(),),
        )
        waiting = await shop.run(second)

        async def told() -> bool:
            return "1 of at most 1 changes at once" in await texts(shop, trouble.id)

        await until(told)
        assert f"{asked.id} (roll_back_release on pay)" in await texts(shop, trouble.id)
        blocked = False
        assert (await first.result()).status == "applied"
        assert (await waiting.result()).status == "applied"
        assert shop.hands.calls == ["set_release", "restart"]
        assert (await texts(shop, trouble.id)).count("at once") == 1


async def test_what_has_waited_long_enough_is_refused_for_the_moment(
    client: Client, tmp_path: Path
) -> None:
    async with company(client, tmp_path, changes_at_once=1) as shop:
        shop.steps.patience = timedelta(0)
        other = order(target="web")
        await shop.store.take_lease(other, timedelta(0), datetime.now(UTC))
        outcome = await (await shop.run(order())).result()
        assert outcome.status == "refused"
        assert outcome.decision
        assert outcome.decision.verdict == "act"  # not a policy's no: the incident tries again
        assert "waits for one of them to end" in outcome.reason


async def test_the_same_repair_once_more_within_a_day_asks_a_person(
    client: Client, tmp_path: Path
) -> None:
    async with company(client, tmp_path, repeats_before_ask=2) as shop:
        shop.health = lambda _: "healthy" if shop.hands.calls[-1:] == ["restart"] else "sick"
        again: dict[str, Any] = {"runbook": "restart_service", "parameters": {"service": "pay"}}
        for _ in range(2):
            assert (await (await shop.run(order(**again))).result()).status == "applied"
            shop.hands.calls.append("it leaks again")
        await shop.run(order(**again))
        await until(lambda: "approval" in shop.inbox.kinds())
        why = shop.inbox.notices[-1].fields["Why it asks"]
        assert "restart_service on pay 2 times within 24 hours" in why


async def test_policy_sees_the_roles_with_which_a_person_asked(
    client: Client, tmp_path: Path
) -> None:
    own = tmp_path / "policies"
    own.mkdir()
    (own / "own.cedar").write_text(
        '@id("admins") permit (principal is Person, action, resource)'
        ' when { principal.roles.contains("admin") };'
    )
    async with company(client, tmp_path, directory=own) as shop:
        shop.health = lambda _: "sick"
        asked, outcome = await ran(shop, "pay", OPS)
        assert outcome["status"] == "unverified"
        assert (await shop.store.order(asked)).order.requested_roles == OPS.roles
        _, outcome = await ran(shop, "web", Principal(id="bob", roles=("operator",)))
        assert (outcome["status"], outcome["reason"]) == ("refused", "no policy permits it")


async def ran(shop: Company, service: str, who: Principal) -> tuple[str, Any]:
    """A person's own order to restart something: its id and its outcome."""
    asked = await shop.desk.run_runbook("restart_service", {"service": service}, service, "", who)
    assert isinstance(asked, Order)
    handle = shop.client.get_workflow_handle(await shop.store.prefix() + asked.id)
    return asked.id, await handle.result()


def test_roles_are_signed_and_orders_from_before_there_were_any_still_hold() -> None:
    before = order(requested_by="bob")
    assert b"requested_roles" not in before.signed_content()
    SIGNER.check(before)
    with pytest.raises(BadSignature):
        SIGNER.check(before.model_copy(update={"requested_roles": ("admin",)}))
