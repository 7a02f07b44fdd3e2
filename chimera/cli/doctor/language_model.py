"""The model: whether it answers, how it is asked for tools, and what it may still cost today."""

from __future__ import annotations

import time

from chimera.cli.doctor.check import Check, Result, bad, missing, ok
from chimera.domain import ChimeraError
from chimera.domain.dialogue import Message, ToolOffer
from chimera.platform.settings import Settings

ASK = (
    Message(role="system", text="Call the tool `ready` once.", writer="chimera"),
    Message(role="user", text="Are you ready?", writer="asker"),
)
READY = ToolOffer(
    name="ready", purpose="Say that you are ready.", arguments={"type": "object", "properties": {}}
)
SECONDS = 25.0  # a local server may have to load the model first


async def look_at_model(settings: Settings) -> Result:
    """One small request, as a conversation would make it; it costs a few hundred tokens."""
    if settings.model is None:
        why = "answers come from the rules alone"
        return missing("model", why, "add a [model] section, see docs/models.md")
    from chimera.platform.models.model import LanguageModel

    model = LanguageModel(settings.model)
    dialogue = model.dialogue("doctor", "doctor", "doctor", SECONDS)
    began = time.monotonic()
    try:
        answer = await dialogue.complete(ASK, (READY,))
    except ChimeraError as error:
        return bad("model", str(error), "the rules answer until it does; see docs/models.md")
    finally:
        await model.close()
    how = "native" if model.manners.tools else "in JSON"
    called = "" if answer.calls else ", though it did not call the one it was told to"
    took = f"answers in {time.monotonic() - began:.1f} s, tools {how}{called}"
    return ok("model", f"{model.where} ({dialogue.version}) {took}")


model = Check("model", look_at_model, 30, patience=SECONDS + 15)
