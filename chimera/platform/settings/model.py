"""A language model and what it may cost."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chimera.platform.settings.section import Address, Secret, Section


class ModelBudget(Section):
    """What a model may cost; none: no limit. Kept in the store, so a restart forgets nothing."""

    tokens: int | None = Field(None, ge=0)  # in and out
    money: float | None = Field(None, ge=0)  # in the currency of the prices
    seconds: float | None = Field(None, ge=0)  # spent waiting for it


class ConversationBudget(ModelBudget):
    """Of one chat thread, or of one incident."""

    tokens: int | None = Field(200_000, ge=0)
    seconds: float | None = Field(900.0, ge=0)


class DayBudget(ModelBudget):
    """Of one day in UTC."""

    tokens: int | None = Field(2_000_000, ge=0)


class Model(Section):
    """Any address that speaks OpenAI's chat completions: hosted, vLLM, Ollama."""

    url: Address
    name: str
    key: Secret | None = None
    tools: Literal["auto", "native", "json"] = "auto"
    stream: bool = True
    timeout: float = Field(30.0, gt=0, le=3600)  # of one request
    retries: int = Field(2, ge=0, le=10)
    turn_seconds: float = Field(60.0, gt=0)  # of one chat answer, all its requests together
    investigation_seconds: float = Field(10.0, ge=0)  # of one investigation; 0: not asked
    temperature: float | None = Field(0.0, ge=0, le=2)  # none: the server's own
    context: int = Field(16_000, ge=2_000)  # tokens that a request may hold, the answer included
    answer: int = Field(1_000, ge=100)  # tokens of one answer
    price_in: float = Field(0.0, ge=0)  # of a million tokens
    price_out: float = Field(0.0, ge=0)
    conversation: ConversationBudget = ConversationBudget()
    day: DayBudget = DayBudget()
