"""What each effect does: changes of a wish, or a command to the processes, and its result."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from chimera.domain import Effect, PreconditionFailed
from chimera.sandbox.estate import quarantine
from chimera.sandbox.estate.plant import Plant
from chimera.sandbox.estate.spec import SERVICES

Done = tuple[dict[str, Any], dict[str, str]]  # changes of the wish, result


def argument(effect: Effect, name: str) -> str:
    """Raises PreconditionFailed when it is not there."""
    try:
        return effect.arguments[name]
    except KeyError:
        raise PreconditionFailed(
            f"{effect.verb} of {effect.target} needs the argument {name!r}; give it"
        ) from None


async def restart(plant: Plant, effect: Effect) -> Done:
    wish = plant.wish(effect.target)
    return {"generation": wish.generation + 1}, {"restarted": str(wish.replicas)}


async def scale(plant: Plant, effect: Effect) -> Done:
    wish, most = plant.wish(effect.target), SERVICES[effect.target].max_replicas
    asked = argument(effect, "replicas")
    if not asked.isdigit() or not 1 <= int(asked) <= most:
        raise PreconditionFailed(
            f"{effect.target} cannot have {asked!r} replicas; give a number from 1 to {most}"
        )
    result = {"replicas": asked, "previous_replicas": str(wish.replicas)}
    return {"replicas": int(asked)}, result


async def set_release(plant: Plant, effect: Effect) -> Done:
    before, release = plant.wish(effect.target).release, argument(effect, "release")
    changes = plant.deploy(effect.target, release)
    return changes, {"release": release, "previous_release": before}


async def set_configuration(plant: Plant, effect: Effect) -> Done:
    key, value = argument(effect, "key"), argument(effect, "value")
    changes = plant.configure(effect.target, key, value)
    before = plant.wish(effect.target).configuration[key]
    return changes, {"key": key, "value": value, "previous_value": before}


async def recycle_pool(plant: Plant, effect: Effect) -> Done:
    if not SERVICES[effect.target].pool:
        raise PreconditionFailed(f"{effect.target} has no connection pool to recycle")
    number = plant.wish(effect.target).pool_generation + 1
    return {"pool_generation": number}, {"pool_generation": str(number)}


async def quarantine_files(plant: Plant, effect: Effect) -> Done:
    found = quarantine.take_files(plant.fleet.wiring.home, effect.target, effect.key)
    if not int(found["files"]):
        raise PreconditionFailed(f"{effect.target} has no old log files to move away")
    return {}, found


async def restore_quarantine(plant: Plant, effect: Effect) -> Done:
    number = argument(effect, "quarantine")
    home = plant.fleet.wiring.home
    if quarantine.holds_files(home, number):
        return {}, quarantine.restore_files(home, number)
    try:
        return {}, await plant.fleet.ask(effect.target, "restore", {"quarantine": number})
    except ValueError as no:
        raise PreconditionFailed(f"{effect.target} cannot restore {number}: {no}") from None


async def amend(plant: Plant, effect: Effect) -> Done:
    """Have a step put its own data right; what was moved is kept under the effect's own name."""
    command = {"quarantine_record": "quarantine"}.get(effect.verb, effect.verb)
    words = {"quarantine": quarantine.number(effect.key), **effect.arguments}
    try:
        return {}, await plant.fleet.ask(effect.target, command, words)
    except ValueError as no:
        doing = effect.verb.replace("_", " ")
        raise PreconditionFailed(f"{effect.target} cannot {doing}: {no}") from None


async def renew_credential(plant: Plant, effect: Effect) -> Done:
    upstream = SERVICES[effect.target].signs_in_to
    if not upstream:
        raise PreconditionFailed(f"{effect.target} signs in nowhere; it has no credential")
    name = plant.issue(effect.target)
    return {}, {"credential": name, "upstream": upstream}


async def pause_schedule(plant: Plant, effect: Effect) -> Done:
    if SERVICES[effect.target].kind != "step":
        raise PreconditionFailed(f"{effect.target} has no schedule; only pipeline steps have one")
    paused = effect.arguments.get("paused", "true") == "true"
    before = plant.wish(effect.target).paused
    result = {"paused": str(paused).lower(), "previous_paused": str(before).lower()}
    return {"paused": paused}, result


AMENDS = (
    "quarantine_record",
    "quarantine_batch",
    "deduplicate",
    "merge_late",
    "retrain_model",
    "set_model",
)
VERBS: Mapping[str, Callable[[Plant, Effect], Awaitable[Done]]] = dict.fromkeys(AMENDS, amend) | {
    verb.__name__: verb
    for verb in (
        restart,
        scale,
        set_release,
        set_configuration,
        recycle_pool,
        quarantine_files,
        restore_quarantine,
        renew_credential,
        pause_schedule,
    )
}


async def perform(plant: Plant, effect: Effect) -> tuple[bool, dict[str, str]]:
    """Do an effect once. The same key again, or a fenced order, changes nothing.

    Raises NotFound, PreconditionFailed, Unavailable.
    """
    if effect.verb not in VERBS:
        raise PreconditionFailed(
            f"the process controller does not know how to {effect.verb.replace('_', ' ')}; "
            f"it knows {', '.join(sorted(VERBS))}"
        )
    async with plant.locks[effect.target]:
        with plant.fences.passing(effect) as may:
            done = plant.records.result(effect.key)
            if done is not None:
                if may:  # a kill may have come between the wish and what it asks for
                    await plant.fleet.converge(plant.wish(effect.target))
                return False, done
            if not may:
                plant.records.enter(effect, applied=False, result={"fenced": "true"})
                return False, {"fenced": "true"}
            return True, await _carry_out(plant, effect)


async def _carry_out(plant: Plant, effect: Effect) -> dict[str, str]:
    plant.wish(effect.target)
    changes, result = await VERBS[effect.verb](plant, effect)
    with plant.records.together():
        plant.records.enter(effect, applied=True, result=result)
        plant.keep(plant.wish(effect.target).model_copy(update=changes))
    await plant.fleet.converge(plant.wish(effect.target))
    if upstream := SERVICES[effect.target].signs_in_to:
        await plant.fleet.tell(upstream, "reload", {})
    return result
