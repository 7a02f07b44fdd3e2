"""What an answer took, as the server counts it or as its text suggests."""

from __future__ import annotations

from dataclasses import dataclass

from langchain_core.messages import AIMessage

from chimera.platform.settings import Model as Access
from chimera.platform.store.spending import Cost

LETTERS = 3.5  # characters of a token, in English and JSON; other scripts have fewer
OVERHEAD = 8  # tokens that a message takes beside its text


@dataclass(frozen=True)
class Usage:
    """Of one request, or the sum of several. `counted`: no part of it is an estimate."""

    tokens_in: int = 0
    tokens_out: int = 0
    money: float = 0.0
    seconds: float = 0.0
    requests: int = 0
    counted: bool = True

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            self.money + other.money,
            self.seconds + other.seconds,
            self.requests + other.requests,
            self.counted and other.counted,
        )

    @property
    def cost(self) -> Cost:
        return Cost(
            tokens_in=self.tokens_in,
            tokens_out=self.tokens_out,
            money=self.money,
            seconds=self.seconds,
            requests=self.requests,
        )


def tokens_of(text: str) -> int:
    """An estimate that is rather too high than too low."""
    wide = sum(ord(sign) > 0x2FF for sign in text) if not text.isascii() else 0
    return OVERHEAD + round((len(text) - wide) / LETTERS) + wide


def price(access: Access, tokens_in: int, tokens_out: int) -> float:
    """In the currency of the settings."""
    return (tokens_in * access.price_in + tokens_out * access.price_out) / 1e6


def taken(access: Access, got: AIMessage | None, expected_in: int, seconds: float) -> Usage:
    """Of one request: what the server says, or an estimate where it says nothing sensible."""
    told = got.usage_metadata if got is not None else None
    if told is not None and told["input_tokens"] > 0:
        tokens_in, tokens_out, counted = told["input_tokens"], told["output_tokens"], True
    else:
        tokens_in, tokens_out, counted = expected_in, tokens_of(got.text) if got else 0, False
    money = price(access, tokens_in, tokens_out)
    return Usage(tokens_in, tokens_out, money, seconds, 1, counted)
