"""The same evaluation with a model at any address."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from chimera.agents.reasoning.chatting import chatting
from chimera.bench.evaluation.files import Case, State
from chimera.bench.evaluation.judge import Verdict
from chimera.bench.evaluation.run import Said, run
from chimera.domain import Misconfigured
from chimera.platform.settings import Model, load_settings

CONFIGURED = "configured"


def access_of(address: str, name: str, key: str | None, config: Path | None) -> Model:
    """The model to ask: that of the settings, or the one at an address. Raises Misconfigured."""
    if address == CONFIGURED:
        access = load_settings(config).model
        if access is None:
            raise Misconfigured("the settings have no [model] section; add one, or give an address")
        return access
    if not name:
        raise Misconfigured(f"the model at {address} has no name here; give it with --model-name")
    try:
        return Model.model_validate({"url": address, "name": name, "key": key})
    except ValidationError as error:
        first = error.errors()[0]
        raise Misconfigured(f"--model: {first['loc'][0]}: {first['msg']}") from error


async def with_model(
    access: Model,
    cases: Iterable[Case],
    states: dict[str, tuple[Path, State]],
    runs: int,
    seed: int,
    said: Said,
) -> list[list[Verdict]]:
    """As `run` does; what it costs is counted and not limited."""
    from chimera.platform.models.model import LanguageModel

    model = LanguageModel(access)
    try:
        return await run(cases, states, runs, seed, said, chatting(model))
    finally:
        await model.close()
