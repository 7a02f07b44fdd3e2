"""langchain-openai's client for one address, and its messages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from chimera.domain.dialogue import Message
from chimera.platform.loopback import is_loopback
from chimera.platform.models.manners import Manners
from chimera.platform.settings import Model as Access

CONNECT = 5.0  # seconds to reach the address
NO_KEY = "none"  # the client insists on one; local servers ignore it


def client(access: Access, manners: Manners, http: httpx.AsyncClient) -> ChatOpenAI:
    """Built once for each way of speaking. Retries are `LanguageModel`'s, which knows the deadline."""
    return ChatOpenAI(
        model=access.name,
        base_url=access.url,
        api_key=SecretStr(access.key.reveal() if access.key else NO_KEY),
        temperature=manners.temperature,
        max_completion_tokens=access.answer,
        timeout=access.timeout,
        max_retries=0,
        streaming=manners.stream,
        stream_usage=manners.stream and manners.counted,
        stream_chunk_timeout=access.timeout,
        use_responses_api=False,
        http_async_client=http,
    )


def transport(access: Access) -> httpx.AsyncClient:
    """Follows no redirect: what is sent goes to the address in the settings and to no other."""
    return httpx.AsyncClient(
        timeout=httpx.Timeout(access.timeout, connect=min(CONNECT, access.timeout)),
        follow_redirects=False,
        trust_env=not is_loopback(access.url),
    )


def host(access: Access) -> str:
    """How the address is called in errors: without a name or a password in it."""
    parts = urlsplit(access.url)
    return f"the model {access.name} at {parts.hostname or '?'}{f':{parts.port}' if parts.port else ''}"


def wired(messages: Sequence[Message]) -> list[BaseMessage]:
    """A dialogue as langchain's messages."""
    found: list[BaseMessage] = []
    for one in messages:
        match one.role:
            case "system":
                found.append(SystemMessage(one.text))
            case "user":
                found.append(HumanMessage(one.text))
            case "tool":
                found.append(ToolMessage(one.text, tool_call_id=one.answers))
            case "assistant":
                calls = [{"name": c.name, "args": c.arguments, "id": c.id} for c in one.calls]
                found.append(AIMessage(one.text, tool_calls=calls))
    return found


def size(messages: Sequence[Message], tools: Sequence[Any]) -> str:
    """Everything that is sent, as one text to be measured."""
    return "\n".join(
        [
            *(m.text + "".join(json.dumps(c.arguments) for c in m.calls) for m in messages),
            *(json.dumps(tool) for tool in tools),
        ]
    )
