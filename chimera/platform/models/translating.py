"""What a failure of the client means: one of our own errors, and whether to try again."""

from __future__ import annotations

import re

import openai
from langchain_core.exceptions import ContextOverflowError

from chimera.domain import ChimeraError, Misconfigured, Unavailable
from chimera.platform.models.failures import TooLong, Unusable

LONG = re.compile(
    r"context.length|maximum context|too many tokens|context window|prompt is too long", re.I
)


def said_by(error: openai.APIError) -> str:
    """The server's own words, one short line."""
    return " ".join(str(error.message).split())[:300]


def translated(error: Exception, where: str) -> ChimeraError:
    """A failure of the client as one of ours."""
    if isinstance(error, ChimeraError):
        return error
    if isinstance(error, ContextOverflowError):
        return TooLong(f"{where}: {str(error)[:300]}")
    if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
        return Misconfigured(f"{where} does not accept the key; correct model.key")
    if isinstance(error, openai.NotFoundError):
        return Misconfigured(
            f"{where} has no such model or path ({said_by(error)}); correct model.url and model.name"
        )
    if isinstance(error, openai.RateLimitError) and error.code == "insufficient_quota":
        return Unavailable(where, "answer", "its account has no credit left")
    if isinstance(error, openai.BadRequestError | openai.UnprocessableEntityError):
        if error.code == "context_length_exceeded" or LONG.search(said_by(error)):
            return TooLong(f"{where}: {said_by(error)}")
        return Unusable(f"{where} refused the request: {said_by(error)}")
    if isinstance(error, openai.APIStatusError):
        return Unavailable(where, "answer", f"status {error.status_code}, {said_by(error)}")
    if isinstance(error, openai.APIError):
        return Unavailable(where, "answer", said_by(error) or type(error).__name__)
    if isinstance(error, TimeoutError):
        return Unavailable(where, "answer in time")
    return Unusable(f"{where} answered what cannot be read ({type(error).__name__})")


def may_try_again(error: Exception) -> bool:
    """Whether the same request may succeed a moment later."""
    if isinstance(error, openai.RateLimitError):
        return error.code != "insufficient_quota"
    if isinstance(error, openai.APIStatusError):
        return error.status_code in (408, 409) or error.status_code >= 500
    return isinstance(error, openai.APIConnectionError) and not isinstance(
        error, openai.APITimeoutError
    )


def asked_to_wait(error: Exception) -> float | None:
    """Seconds that the server asks for in Retry-After; None if it does not."""
    if not isinstance(error, openai.APIStatusError):
        return None
    try:
        return max(float(error.response.headers["retry-after"]), 0.0)
    except (KeyError, ValueError):
        return None
