"""The supervisor: whose question it is; what is about the conversation itself it answers alone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import chimera.agents
from chimera.agents.chat.shape import Agent, Ask, Looks, Reply
from chimera.agents.understanding.intents import Intents, phrases, trained
from chimera.domain import Misconfigured
from chimera.domain.discovery import discover


async def greeting(ask: Ask, looks: Looks) -> Reply:
    """Hello, thanks."""
    if "than" in ask.reading.text.lower() or "cheers" in ask.reading.text.lower():
        return Reply(text="You are welcome.")
    return Reply(text="Hello. Ask me for example `is anything wrong?`, or say `help`.")


async def whoami(ask: Ask, looks: Looks) -> Reply:
    """Who asks, and with which rights."""
    who = ask.who
    may = ["look"]
    if who.has("operator"):
        may.append("ask for changes")
    if who.has("approver"):
        may.append("approve what others ask for")
    roles = ", ".join(who.roles) or "no role"
    return Reply(
        text=f"You are {who.name or who.id} ({who.id}) with {roles}: you may {', '.join(may)}."
    )


async def other(ask: Ask, looks: Looks) -> Reply:
    """Nothing of ours."""
    return Reply(
        kind="unclear", text="That is not mine to answer. Say `help` to see what I can do."
    )


SUPERVISOR = Agent(
    name="supervisor",
    purpose="Decides which specialist answers, and answers what is about the conversation itself.",
    tools=(),
    skills={"greeting": greeting, "whoami": whoami, "other": other},
)


class Supervisor:
    """Every agent there is, and who has which skill. A new agent is one new file."""

    def __init__(self, agents: Mapping[str, Agent] | None = None) -> None:
        self.agents = dict(agents or discover(chimera.agents, Agent))
        self._owners: dict[str, Agent] = {}
        for agent in self.agents.values():
            for intent in agent.skills:
                if intent in self._owners:
                    both = f"{self._owners[intent].name} and {agent.name}"
                    raise Misconfigured(f"the agents {both} both answer {intent!r}; one must")
                self._owners[intent] = agent
        self.proposer = next((a for a in self.agents.values() if a.proposes), None)

    @cached_property
    def intents(self) -> Intents:
        """The reader of intents, taught with every agent's examples."""
        examples = {name: list(lines) for name, lines in phrases().items()}
        for agent in self.agents.values():
            for intent, lines in agent.examples.items():
                examples[intent] = [*examples.get(intent, ()), *lines]
        return trained(examples)

    def owner(self, intent: str) -> Agent | None:
        return self._owners.get(intent)

    def help(self) -> str:
        """What can be asked, agent by agent."""
        lines = ["I look at everything and change nothing by myself; a change becomes an order."]
        for agent in self.agents.values():
            if agent.says:
                lines.append(
                    f"- {agent.name}: {agent.purpose} For example: {'; '.join(agent.says)}"
                )
        lines.append("- `forget this conversation` deletes it; `who am I?` tells your rights.")
        return "\n".join(lines)
