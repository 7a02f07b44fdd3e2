"""The trust report as it is told, in the terminal and on a page."""

from __future__ import annotations

from chimera.cli.diagnose.report import Report, Table
from chimera.domain.units import lasted
from chimera.platform.governance.trust_report import Standing, TrustReport


def of_report(found: TrustReport) -> Report:
    """Each runbook's standing, what is proposed, and the rule that proposes it."""
    false = found.false_incidents
    figures = (
        ("incidents", str(found.incidents)),
        ("time to detect (median)", lasted(found.detected)),
        ("time to recover (median)", lasted(found.recovered)),
        ("handed to a person", str(found.escalations)),
        ("false incidents, of those voted on", str(false) if false.of else "none voted on"),
        ("requests to models", f"{found.requests}: {found.tokens} tokens, {found.money:.4f}"),
    )
    proposed = [one for one in found.standings if one.proposal.step != "stay"]
    return Report(
        headline=f"trust: {len(found.standings)} runbooks, "
        f"{len(proposed)} {'step' if len(proposed) == 1 else 'steps'} proposed",
        context=f"{found.since:%Y-%m-%d %H:%M} to {found.at:%Y-%m-%d %H:%M} UTC. "
        "A person decides: `policy.trust` is edited by hand.",
        tables=(
            Table("over all", ("figure", "value"), figures),
            Table(
                "earned",
                (
                    "runbook", "environment", "level", "proposals", "people did the same",
                    "untold", "proved", "rolled back", "failed", "unverified", "refused",
                    "recovered in",
                ),
                tuple(earned(one) for one in found.standings),
            ),
            Table(
                "proposed",
                ("runbook", "environment", "level", "step", "why"),
                tuple(step(one) for one in found.standings),
            ),
        ),
        notes=(
            ("went down", tuple(str(s.stepped_down) for s in found.standings if s.stepped_down)),
            ("the rule", (found.rule,)),
        ),
        data=found.model_dump(mode="json"),
    )  # fmt: skip


def earned(one: Standing) -> tuple[str, ...]:
    level = one.level.value
    if one.level is not one.configured:
        level += f" ({one.configured.value} in the settings)"
    return (
        one.runbook, one.environment, level, str(one.proposals), str(one.followed),
        str(one.untold), str(one.proved), str(one.rolled_back), str(one.failed),
        str(one.unverified), str(one.refused), lasted(one.recovered),
    )  # fmt: skip


def step(one: Standing) -> tuple[str, ...]:
    proposal = one.proposal
    word = "stay" if proposal.step == "stay" else f"{proposal.step} to {proposal.to.value}"
    return one.runbook, one.environment, one.level.value, word, proposal.why
