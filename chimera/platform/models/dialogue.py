"""Requests that belong together: within budget and time, tried again where that helps, counted."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import openai
from langchain_core.messages import AIMessage, AIMessageChunk

from chimera.domain.dialogue import Completion, Made, Message, ToolOffer
from chimera.platform.models import protocol
from chimera.platform.models.answering import completion, stopped
from chimera.platform.models.client import size, wired
from chimera.platform.models.failures import Garbled, TooLong, Unusable
from chimera.platform.models.repairing import REPAIRS, complaint, shortened
from chimera.platform.models.tracing import traced
from chimera.platform.models.translating import asked_to_wait, may_try_again, translated
from chimera.platform.models.usage import Usage, price, taken, tokens_of
from chimera.platform.store.spending import Charge, Cost
from chimera.platform.telemetry import metrics

if TYPE_CHECKING:
    from chimera.platform.models.model import LanguageModel

Hear = Callable[[str], None]  # given all words so far, again and again
FIRST_WAIT = 0.25  # seconds before the second attempt; doubled for each further one
LETTERS = 12  # characters for each token of an answer, beyond which a server has lost count


@dataclass
class Dialogue:
    """Implements `chimera.domain.dialogue.Model` until its time is over; remembers what it took."""

    model: LanguageModel
    account: str
    purpose: str
    prompt: str
    seconds: float  # for all requests, from the first one on
    hear: Hear | None = None
    deadline: float | None = None  # on time.monotonic()
    usage: Usage = field(default_factory=Usage)
    repairs_left: int = REPAIRS
    version: str = ""  # of the model, as the server names it

    async def complete(
        self, messages: Sequence[Message], tools: Sequence[ToolOffer] = ()
    ) -> Completion:
        """Answer once; what cannot be read is asked for again, what is too long is shortened.

        Raises BudgetSpent, TooLong, Unusable, Misconfigured, Unavailable.
        """
        if self.deadline is None:
            self.deadline = time.monotonic() + self.seconds
        told = list(messages)
        while True:
            try:
                return await self._answer(told, tools)
            except Garbled as error:
                told += self.repair(error)
            except TooLong:
                shorter = shortened(told)
                if shorter is None:
                    raise
                told = shorter

    def repair(self, error: Garbled) -> tuple[Message, Message]:
        """What to say to it next. Raises Unusable once it was told often enough."""
        if self.repairs_left <= 0:
            raise Unusable(f"{self.model.where} answers what cannot be used: {error}") from error
        self.repairs_left -= 1
        return complaint(error)

    async def _answer(self, told: Sequence[Message], tools: Sequence[ToolOffer]) -> Completion:
        """Try until it answers, a further attempt makes no sense, or the time is over."""
        attempt = 0
        while True:
            try:
                return await self._once(told, tools)
            except Exception as error:
                if self.model.manners.learn(error):
                    continue
                wait = self._wait(error, attempt)
                if wait is None:
                    raise translated(error, self.model.where) from error
                attempt += 1
                await asyncio.sleep(wait)

    def _wait(self, error: Exception, attempt: int) -> float | None:
        """Seconds until the next attempt; None if there is no further one."""
        if attempt >= self.model.access.retries or not may_try_again(error):
            return None
        wait = asked_to_wait(error)
        if wait is None:
            wait = FIRST_WAIT * 2**attempt * random.uniform(0.75, 1.25)
        return wait if wait < self.left else None

    @property
    def made(self) -> Made:
        """What all of it took."""
        took = self.usage
        return Made(
            model=self.version or self.model.access.name,
            prompt=self.prompt,
            requests=took.requests,
            tokens_in=took.tokens_in,
            tokens_out=took.tokens_out,
            money=took.money,
            seconds=round(took.seconds, 3),
            counted=took.counted,
        )

    @property
    def left(self) -> float:
        if self.deadline is None:
            return self.seconds
        return max(self.deadline - time.monotonic(), 0.0)

    async def _once(self, messages: Sequence[Message], tools: Sequence[ToolOffer]) -> Completion:
        access, manners = self.model.access, self.model.manners
        told = protocol.merged(messages if manners.tools else protocol.flattened(messages, tools))
        offered = [wire(tool) for tool in tools] if manners.tools else []
        tokens = tokens_of(size(told, offered))
        if tokens + access.answer > access.context:
            raise TooLong(f"about {tokens} tokens do not fit into model.context, {access.context}")
        if self.left <= 0:
            raise TimeoutError
        entry = await self.model.budget.set_aside(self._charge(tokens))
        began, usage, named, result = time.monotonic(), Usage(requests=1), access.name, "refused"
        try:
            async with asyncio.timeout(min(access.timeout, self.left)):
                got = await self._read(told, offered)
            usage = taken(access, got, tokens, time.monotonic() - began)
            named, result = str(got.response_metadata.get("model_name") or named), "answered"
            self.version = named
        except openai.APIStatusError:  # nothing was made, so nothing is charged
            raise
        except BaseException:
            usage, result = taken(access, None, tokens, time.monotonic() - began), "failed"
            raise
        finally:
            self.usage += usage
            asked(access.name, self.purpose, result, usage)
            self.model.budget.settle(entry, usage, named, result)
        try:
            return completion(got, tuple(tool.name for tool in tools))
        except Garbled as error:
            raise Garbled(str(error), got.text) from error

    def _charge(self, tokens: int) -> Charge:
        """What a request may take at most."""
        access = self.model.access
        expected = Cost(
            tokens_in=tokens,
            tokens_out=access.answer,
            money=price(access, tokens, access.answer),
        )
        return Charge(
            account=self.account,
            purpose=self.purpose,
            model=access.name,
            prompt=self.prompt,
            expected=expected,
        )

    async def _read(self, told: Sequence[Message], offered: list[dict[str, object]]) -> AIMessage:
        """One answer, piece by piece; too long a one is cut off."""
        speaker = self.model.client()
        # As they are: through `bind_tools` the client walks every schema anew for each request.
        runnable = speaker.bind(extra_body={"tools": offered}) if offered else speaker
        got: AIMessage | None = None
        length = 0
        with traced():
            async for piece in runnable.astream(wired(told)):
                if isinstance(piece, AIMessageChunk):
                    got = got + piece if isinstance(got, AIMessageChunk) else piece
                    length += sum(len(p["args"] or "") for p in piece.tool_call_chunks)
                elif isinstance(piece, AIMessage):  # a server that does not stream: all at once
                    got = piece
                length += len(piece.text)
                if length > LETTERS * self.model.access.answer:
                    raise Unusable(f"{self.model.where} does not end its answer")
                if self.hear and got and piece.text and not protocol.is_call(got.text):
                    self.hear(got.text)
        if got is None:
            raise Unusable(f"{self.model.where} answered with nothing")
        stopped(got)
        return got


def wire(tool: ToolOffer) -> dict[str, object]:
    """As chat completions take it."""
    function = {"name": tool.name, "description": tool.purpose, "parameters": tool.arguments}
    return {"type": "function", "function": function}


def asked(model: str, purpose: str, result: str, usage: Usage) -> None:
    tokens = (usage.tokens_in, usage.tokens_out)
    metrics.model_asked(
        model, purpose, result, tokens=tokens, money=usage.money, seconds=usage.seconds
    )
