"""What policy decides, and what it refuses to start with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chimera.domain import (
    CHIMERA,
    Decision,
    Estate,
    FaultKind,
    Misconfigured,
    Node,
    Order,
    Plan,
    Principal,
    Risk,
    RunbookCard,
)
from chimera.platform.governance.policy import Circumstances, Policy
from chimera.platform.governance.rehearsal import rehearse
from chimera.platform.settings import Freeze, load_settings
from chimera.platform.settings import Policy as PolicySettings

NOW = datetime(2026, 1, 1, 3, tzinfo=UTC)
BOB = Principal(id="bob", roles=("operator",))
RESTART = RunbookCard(
    name="restart_service",
    summary="",
    risk=Risk.LOW,
    reversible=False,
    mends=(FaultKind.MEMORY,),
)
PAY = Node(name="pay", runbooks=("restart_service",))
SHOP = Estate(environment="production", nodes=(PAY, Node(name="web", calls=("pay",))))
ACT: dict[str, Any] = {"trust": {"production": {"*": "act"}}}


def settings(**given: Any) -> PolicySettings:
    return PolicySettings.model_validate({**ACT, **given})


def decide(
    policy: Policy, who: Principal = CHIMERA, felt: tuple[str, ...] = (), **moment: Any
) -> Decision:
    order = Order(
        id="INC-1/1",
        incident="INC-1",
        attempt=1,
        runbook="restart_service",
        parameters={},
        target="pay",
        environment="production",
        reason="it leaks",
        requested_by=who.id,
        created=NOW,
        expires=NOW + timedelta(hours=1),
    )
    plan = Plan(
        order_id=order.id,
        runbook=order.runbook,
        target="pay",
        environment="production",
        parameters={},
        risk=Risk.LOW,
        reversible=False,
        does="restarts pay",
        undo="none",
        blast_radius=felt,
    )
    return policy.decide(order, plan, RESTART, PAY, who, Circumstances(now=NOW, **moment))


def test_what_was_repaired_often_asks_and_says_so() -> None:
    policy = Policy(settings(repeats_before_ask=3))
    assert decide(policy, repeats_lately=2).verdict == "act"
    asked = decide(policy, repeats_lately=3)
    assert (asked.verdict, asked.policies[-1]) == ("ask", "repeated")
    assert "restart_service on pay 3 times within 24 hours" in asked.reason
    assert "hides the cause" in asked.reason
    assert decide(Policy(settings(repeats_before_ask=0)), repeats_lately=99).verdict == "act"


def test_what_many_others_feel_asks_and_names_them() -> None:
    felt = tuple(f"service-{n}" for n in range(7))
    policy = Policy(settings(asks_from_felt_by=7))
    assert decide(policy, felt=felt[:6]).verdict == "act"
    asked = decide(policy, felt=felt)
    assert asked.verdict == "ask"
    assert "7 others feel what happens to pay (service-0, " in asked.reason
    assert "service-4 and 2 more)" in asked.reason
    watched = Policy(settings(asks_from_felt_by=7, trust={"production": {"*": "observe"}}))
    told = decide(watched, felt=felt)
    assert told.verdict == "observe"
    assert "would ask for approval, since 7 others feel" in told.reason
    assert decide(Policy(settings(asks_from_felt_by=0)), felt=felt).verdict == "act"


def test_policies_see_the_roles_that_a_person_has(tmp_path: Path) -> None:
    own = folder(
        tmp_path, 'permit (principal, action, resource) when {principal.roles.contains("x")}'
    )
    assert decide(Policy(settings(directory=own)), BOB).verdict == "deny"
    ana = Principal(id="ana", roles=("approver", "x"))
    assert decide(Policy(settings(directory=own)), ana).verdict == "act"


def folder(tmp_path: Path, *policies: str) -> Path:
    text = "".join(f'@id("own-{n}")\n{policy};\n' for n, policy in enumerate(policies))
    (tmp_path / "own.cedar").write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("policy", "why"),
    [
        ('when { context.hour > 30 && context.tuches == "estate" }', "`tuches`"),
        ('when { context.hour == "22" }', "Long and String"),
        ("when { principal.rolls.isEmpty() }", "`rolls`"),
    ],
)
def test_a_policy_that_could_not_decide_stops_the_start(
    tmp_path: Path, policy: str, why: str
) -> None:
    own = folder(tmp_path, f"forbid (principal, action, resource) {policy}")
    with pytest.raises(Misconfigured, match=r"policy 'own-0' in .*cannot be decided") as wrong:
        Policy(settings(directory=own))
    assert why in str(wrong.value)
    assert "chimera.cedarschema" in str(wrong.value)


def test_what_only_an_order_brings_to_light_is_found_by_orders_that_nobody_placed(
    tmp_path: Path,
) -> None:
    own = folder(
        tmp_path,
        "permit (principal, action, resource)",
        "forbid (principal, action, resource) when "
        "{ context.hour == 23 && context.changes_left * 9223372036854775807 > 1 }",
    )
    with pytest.raises(Misconfigured, match="rehearsal of restart_service in production"):
        rehearse(Policy(settings(directory=own)), [RESTART], SHOP)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"trust": {"*": {"restart_servce": "observe"}}}, "'restart_service' is near"),
        ({"trust": {"prodution": {"*": "observe"}, "*": {"*": "act"}}}, "'prodution'"),
        ({"trust": {"Production": {"*": "observe"}}}, "'Production'"),
        ({"freezes": [{"environment": "prodution", "begins": NOW, "ends": NOW.replace(hour=9)}]},
         "policy.freezes is for 'prodution'"),
    ],
)  # fmt: skip
def test_a_misspelt_name_in_trust_or_a_freeze_stops_the_start(
    given: dict[str, Any], why: str
) -> None:
    with pytest.raises(Misconfigured, match=why):
        rehearse(Policy(settings(**given)), [RESTART], SHOP)


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ('context.environment == "prodution"', "'prodution'"),
        ('["restart_servce", "x"].contains(context.runbook)', "'restart_service' is near"),
        ('context.level == "acts"', "there is observe, advise, ask, act"),
    ],
)
def test_a_misspelt_name_in_a_policy_stops_the_start(
    tmp_path: Path, condition: str, why: str
) -> None:
    own = folder(tmp_path, f"forbid (principal, action, resource) when {{ {condition} }}")
    with pytest.raises(Misconfigured, match=why):
        rehearse(Policy(settings(directory=own)), [RESTART], SHOP)


def test_what_may_be_meant_is_said_and_holds_nothing_up(tmp_path: Path) -> None:
    shared = settings(trust={"production": {"*": "ask"}, "production-2": {}, "staging": {}})
    said = rehearse(Policy(shared), [RESTART], SHOP)
    assert [one.partition(" is for ")[0] for one in said] == [
        "policy.trust.production-2", "policy.trust.staging",
    ]  # fmt: skip
    own = folder(tmp_path, 'forbid (principal, action, resource == Target::"paymnt")')
    said = rehearse(Policy(settings(directory=own)), [RESTART], SHOP)
    assert said[0] == "policy 'own-0' names 'paymnt', which is no node of the estate"
    assert "policy.asks_from_felt_by is set, and no policy" in said[-1]


def test_the_policies_that_ship_look_at_every_limit() -> None:
    assert rehearse(Policy(settings()), [RESTART], SHOP) == []


def test_a_freeze_that_ends_before_it_begins_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ends before it begins"):
        Freeze(begins=NOW, ends=NOW)
    file = tmp_path / "chimera.toml"
    file.write_text(
        "[[policy.freezes]]\nbegins = 2026-12-27T00:00:00Z\nends = 2026-12-24T00:00:00Z\n"
    )
    with pytest.raises(Misconfigured, match=r"policy\.freezes.*ends before it begins"):
        load_settings(file)
