"""POST /slack/events: Slack's requests over HTTP, read only when Slack has signed them just now."""

from __future__ import annotations

from slack_bolt.adapter.fastapi.async_handler import AsyncSlackRequestHandler
from slack_sdk.signature import SignatureVerifier
from starlette.requests import Request
from starlette.responses import Response

from chimera.bots.slack_app import SlackApp


class SlackEndpoint:
    """`await endpoint.handle(request)` answers POST /slack/events.

    The signature is checked before Bolt parses the body: what nobody signed is not read.
    """

    def __init__(self, app: SlackApp) -> None:
        self._verifier = SignatureVerifier(app.secret)
        self._bolt = AsyncSlackRequestHandler(app)

    async def handle(self, request: Request) -> Response:
        if not await self._signed(request):
            return Response('{"error": "invalid request"}', 401, media_type="application/json")
        return await self._bolt.handle(request)

    async def _signed(self, request: Request) -> bool:
        headers = request.headers
        try:
            return self._verifier.is_valid(
                await request.body(),
                headers.get("X-Slack-Request-Timestamp"),
                headers.get("X-Slack-Signature"),
            )
        except (ValueError, TypeError):  # a time that is no number, a body that is no text
            return False


def slack_endpoint(app: SlackApp) -> SlackEndpoint:
    """What the API mounts at POST /slack/events."""
    return SlackEndpoint(app)
