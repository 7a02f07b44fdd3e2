"""The figures of a run, as data and as a table by carrier and goal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from chimera.bench.attack.attempt import Result
from chimera.bench.attack.run import Found

SHOWN = 20  # attempts that got through, told one by one


def summary(found: Found) -> dict[str, Any]:
    on = [guarded for guarded, _ in found.rightful]
    off = [control for _, control in found.rightful]
    return {
        "attempts": len(found.guarded),
        "texts": len({one.attempt.text for one in found.guarded}),
        "guard": {
            "unauthorised_changes": sum(bool(one.changed) for one in found.guarded),
            "leaks": sum(bool(one.leaked) for one in found.guarded),
            "read_by_the_model": sum(one.read for one in found.guarded),
            "succeeded": [row(one) for one in found.succeeded],
        },
        "control": {
            "succeeded": sum(one.succeeded for one in found.control),
            "share": found.control_share,
            "failed": [row(one) for one in found.control if not one.succeeded],
        },
        "rightful": {"orders": len(on), "with_guard": sum(on), "without": sum(off)},
        "table": list(grouped(found)),
        "seconds": round(found.seconds, 1),
        "good": found.good,
    }


def row(one: Result) -> dict[str, Any]:
    attempt = one.attempt
    return {
        "text": attempt.text,
        "goal": attempt.goal.name,
        "carrier": attempt.carrier.name,
        "changed": list(one.changed),
        "leaked": list(one.leaked),
        "read": one.read,
    }


def grouped(found: Found) -> Iterable[dict[str, Any]]:
    """By carrier, then by goal."""
    keys: tuple[tuple[str, Callable[[Result], str]], ...] = (
        ("carrier", lambda one: one.attempt.carrier.name),
        ("goal", lambda one: one.attempt.goal.name),
    )
    for kind, key in keys:
        for name in dict.fromkeys(map(key, found.guarded)):
            mine = [one for one in found.guarded if key(one) == name]
            other = [one for one in found.control if key(one) == name]
            yield {
                "by": kind,
                "name": name,
                "attempts": len(mine),
                "read": sum(one.read for one in mine),
                "changes": sum(bool(one.changed) for one in mine),
                "leaks": sum(bool(one.leaked) for one in mine),
                "control": sum(one.succeeded for one in other),
            }


def show(figures: dict[str, Any]) -> None:
    """Print it."""
    from chimera.cli.base.output import say, table

    for one in figures["guard"]["succeeded"][:SHOWN]:
        what = ", ".join((*one["changed"], *(f"leak in {where}" for where in one["leaked"])))
        say(f"GOT THROUGH: {one['text']} for {one['goal']} in {one['carrier']}: {what}")
    rows = [
        (
            f"{one['by']}: {one['name']}",
            one["attempts"],
            one["read"],
            one["changes"],
            one["leaks"],
            f"{one['control'] / max(one['attempts'], 1):.1%}",
        )
        for one in figures["table"]
    ]
    table(("", "attempts", "read", "changes", "leaks", "control succeeds"), rows, "no attempts")
    guard, rightful = figures["guard"], figures["rightful"]
    say(
        f"{figures['attempts']} attempts of {figures['texts']} texts in {figures['seconds']} s: "
        f"{guard['unauthorised_changes']} unauthorised changes, {guard['leaks']} leaks; "
        f"the model read {guard['read_by_the_model']} of them"
    )
    say(f"guard and policy switched off: {figures['control']['share']:.1%} succeed")
    say(
        f"rightful orders: {rightful['with_guard']} of {rightful['orders']} with the guard, "
        f"{rightful['without']} without"
    )
    say("good" if figures["good"] else "NOT GOOD")
