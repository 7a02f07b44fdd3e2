"""What a request must look like. Bodies and words of the errors are those of the original."""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web

NAME = re.compile(r"^[a-zA-Z0-9_-]{1,64}$")
ROLES = ("system", "developer", "user", "assistant", "tool")
KNOWN = {
    "model", "messages", "tools", "tool_choice", "parallel_tool_calls", "stream", "stream_options",
    "temperature", "top_p", "n", "max_tokens", "max_completion_tokens", "stop", "seed", "user",
    "response_format", "presence_penalty", "frequency_penalty", "logprobs", "metadata", "store",
}  # fmt: skip
LETTERS = 4  # characters of a token


class Wrong(Exception):
    """The request is answered with an error."""

    def __init__(
        self, status: int, message: str, kind: str = "invalid_request_error",
        param: str | None = None, code: str | None = None, retry_after: float | None = None,
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.status, self.retry_after = status, retry_after
        self.body = {"message": message, "type": kind, "param": param, "code": code}

    @property
    def response(self) -> web.Response:
        headers = {"x-request-id": "req_standin"}
        if self.retry_after is not None:
            headers["Retry-After"] = f"{self.retry_after:g}"
        return web.json_response({"error": self.body}, status=self.status, headers=headers)


def check(body: Any, models: tuple[str, ...], context: int) -> int:
    """The tokens of a request that is right. Raises Wrong."""
    if not isinstance(body, dict):
        raise Wrong(400, "We could not parse the JSON body of your request.")
    if strange := sorted(set(body) - KNOWN):
        raise Wrong(400, f"Unrecognized request argument supplied: {strange[0]}")
    if "model" not in body:
        raise Wrong(400, "you must provide a model parameter")
    if body["model"] not in models:
        message = f"The model `{body['model']}` does not exist or you do not have access to it."
        raise Wrong(404, message, param="model", code="model_not_found")
    temperature = body.get("temperature")
    if temperature is not None and not 0 <= temperature <= 2:
        message = (
            f"Invalid 'temperature': expected a value in [0, 2], but got {temperature} instead."
        )
        raise Wrong(400, message, param="temperature", code="decimal_above_max_value")
    if body.get("stream_options") and not body.get("stream"):
        message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        raise Wrong(400, message, param="stream_options")
    check_tools(body.get("tools"))
    check_messages(body.get("messages"))
    tokens = sum(len(str(m)) for m in body["messages"]) // LETTERS
    room = int(body.get("max_completion_tokens") or body.get("max_tokens") or 0)
    if tokens + room > context:
        message = (
            f"This model's maximum context length is {context} tokens. However, you requested "
            f"{tokens + room} tokens ({tokens} in the messages, {room} in the completion). "
            "Please reduce the length of the messages or completion."
        )
        raise Wrong(400, message, param="messages", code="context_length_exceeded")
    return tokens


def check_tools(tools: Any) -> None:
    if tools is None:
        return
    if not isinstance(tools, list) or not tools:
        raise Wrong(400, "[] is too short - 'tools'", param="tools")
    if len(tools) > 128:
        message = (
            f"Invalid 'tools': array too long. Expected at most 128, got {len(tools)} instead."
        )
        raise Wrong(400, message, param="tools", code="array_above_max_length")
    for number, tool in enumerate(tools):
        where = f"tools[{number}].function"
        function = tool.get("function") or {}
        if not NAME.match(str(function.get("name", ""))):
            message = f"Invalid '{where}.name': string does not match pattern {NAME.pattern!r}."
            raise Wrong(400, message, param=f"{where}.name", code="invalid_value")
        if function.get("parameters", {}).get("type", "object") != "object":
            message = f"Invalid schema for function {function['name']!r}: schema must be of type 'object'."
            raise Wrong(
                400, message, param=f"{where}.parameters", code="invalid_function_parameters"
            )


def check_messages(messages: Any) -> None:
    """Every call of a tool is answered, and every answer answers a call."""
    if not isinstance(messages, list) or not messages:
        raise Wrong(400, "[] is too short - 'messages'", param="messages", code="empty_array")
    waiting: list[str] = []
    for number, message in enumerate(messages):
        where = f"messages.[{number}]"
        role = message.get("role")
        if role not in ROLES:
            message = (
                f"Invalid value: {role!r}. Supported values are: {', '.join(map(repr, ROLES))}."
            )
            raise Wrong(400, message, param=f"{where}.role", code="invalid_value")
        if role == "tool":
            if message.get("tool_call_id") not in waiting:
                raise Wrong(
                    400,
                    "Invalid parameter: messages with role 'tool' must be a response to a preceeding "
                    "message with 'tool_calls'.",
                    param=f"{where}.role",
                )
            waiting.remove(message["tool_call_id"])
            continue
        unanswered(waiting, where)
        if message.get("content") is None and not message.get("tool_calls"):
            message = "Invalid value for 'content': expected a string, got null."
            raise Wrong(400, message, param=f"{where}.content")
        waiting = [call["id"] for call in message.get("tool_calls") or ()]
    unanswered(waiting, "messages")


def unanswered(waiting: list[str], where: str) -> None:
    if waiting:
        raise Wrong(
            400,
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
            f"'tool_call_id'. The following tool_call_ids did not have response messages: {', '.join(waiting)}",
            param=where,
        )
