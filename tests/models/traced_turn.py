"""One turn, one investigation and one bare request to a model, in a process with traces asked for."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime

from langchain_core.tracers.langchain import wait_for_all_tracers

from chimera.agents.investigator import Investigator
from chimera.agents.reasoning.chatting import chatting
from chimera.domain import Estate, Incident, Node, Principal
from chimera.domain.dialogue import Message
from chimera.flows.conversation import Conversation
from chimera.platform.models.model import LanguageModel
from chimera.platform.settings import Guard, Model, Secret, Settings

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)


async def main(model_at: str, key: str, *hosts: str) -> None:
    services = {
        Settings: Settings(guard=Guard(hosts=hosts)),
        Estate: Estate(nodes=(Node(name="fees"),)),
    }
    model = LanguageModel(Model(url=model_at, name="standin", key=Secret(f"env:{key}"), retries=0))
    talk = Conversation(services, model=chatting(model))
    reply = await talk.say(
        "t", "which incidents are open? TRACER-BAIT", Principal(id="ana", name="Ana")
    )
    assert reply.made is not None
    assert not reply.made.instead, reply
    one = Incident(id="INC-7", title="TRACER-BAIT", service="fees", began=NOW, opened=NOW)
    await Investigator(services).investigate(one, now=NOW)
    dialogue = model.dialogue("t", "chat", "1", 30.0)
    await dialogue.complete([Message(role="user", text="TRACER-BAIT", writer="asker")])
    await model.close()
    wait_for_all_tracers()


asyncio.run(main(*sys.argv[1:]))
