"""One call of Prometheus' HTTP API: what came back, or why nothing did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import requests

from chimera.domain import Unavailable


def exchanged(
    send: Callable[[], requests.Response], where: str, doing: str
) -> tuple[int, dict[str, Any]]:
    """The status and the body, empty where it is no JSON object.

    Raises Unavailable, saying that `where` could not do `doing`, when no answer came at all.
    """
    try:
        response = send()
    except requests.RequestException as error:
        why = f"{type(error).__name__}; check that it runs and that the address is right"
        raise Unavailable(where, doing, why) from error
    try:
        said: Any = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        said = {}
    return response.status_code, said if isinstance(said, dict) else {}
