"""Pictures for Teams, which takes no file of a bot's: it fetches them from an address of ours.

An address is a signed name of what is to be drawn, good for a while. Who has it sees the picture
and nothing else; what it names is drawn when somebody fetches it, so no picture is kept.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from typing import Literal, Protocol, Self

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chimera.agents.chat.shape import Chart, Reply
from chimera.bots.charts import charted, in_words, picture
from chimera.bots.delivery import Delivery
from chimera.bots.teams_elements import Element, image
from chimera.domain import BadSignature, Misconfigured, NotFound, Unavailable
from chimera.platform.settings import Settings
from chimera.platform.store.notes import Notes

LASTS = 7 * 86_400.0  # seconds that an address is good for
PATH = "/teams/pictures/"
SCALE = 1.1  # pixels to a unit: Teams shows none that is wider than 1024
KEPT = 30  # pictures of some 40 kB, for those who look at the same card
HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=3600"}
log = structlog.get_logger(__name__)


class Gallery(Protocol):
    """The part of `chimera.platform.pictures.gallery.Gallery` that draws an incident's pictures."""

    async def draw(
        self, incident: str, anomaly_id: str, form: Literal["png"], scale: float
    ) -> bytes: ...


class PictureLinks:
    """Addresses below `base`, the API's own as Teams reaches it, signed with `key`."""

    def __init__(self, base: str, key: str) -> None:
        self._base = base.rstrip("/")
        self._key = key.encode()

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """None where nobody could fetch them."""
        base, key = settings.api.public_url, settings.identity.signing_key
        return cls(base, key.reveal()) if base and key else None

    def of_incident(self, incident: str, anomaly: str, title: str) -> Element:
        return image(self.link("incident", incident, anomaly), title)

    def of_answer(self, message: str, reply: Reply) -> list[Element]:
        """One for each chart that is worth a picture."""
        return [
            image(self.link("answer", message, str(at)), in_words(chart))
            for at, chart in enumerate(charted(reply))
        ]

    def link(self, *what: str, now: float | None = None) -> str:
        until = int((time.time() if now is None else now) + LASTS)
        named = base64.urlsafe_b64encode(json.dumps([until, *what]).encode()).decode().rstrip("=")
        return f"{self._base}{PATH}{named}.{self._mac(named)}.png"

    def named(self, token: str) -> tuple[str, ...]:
        """What an address names. Raises BadSignature."""
        named, _, mac = token.removesuffix(".png").rpartition(".")
        if not hmac.compare_digest(self._mac(named).encode(), mac.encode()):
            raise BadSignature("this is no address of a picture that Chimera has given")
        until, *what = json.loads(base64.urlsafe_b64decode(named + "=" * (-len(named) % 4)))
        if until <= time.time():
            raise BadSignature("this picture's address is too old; ask Chimera again")
        return tuple(what)

    def _mac(self, named: str) -> str:
        # The kind goes in, so that an address can never pass for an order.
        return hmac.new(self._key, b"TeamsPicture\0" + named.encode(), hashlib.sha256).hexdigest()


class Pictures:
    """`await pictures.handle(request)` answers GET /teams/pictures/{token}."""

    def __init__(self, links: PictureLinks, gallery: Gallery, notes: Notes) -> None:
        self._links = links
        self._gallery = gallery
        self._delivery = Delivery("teams", notes)
        self._drawn: dict[tuple[str, ...], bytes] = {}

    async def handle(self, request: Request) -> Response:
        try:
            content = await self._content(self._links.named(request.path_params["token"]))
        except (BadSignature, NotFound) as error:
            return JSONResponse({"error": str(error)}, 404)
        except (Unavailable, Misconfigured) as error:
            log.warning("teams_picture_not_drawn", why=str(error))
            return JSONResponse({"error": "the picture cannot be drawn now"}, 503)
        return Response(content, media_type="image/png", headers=HEADERS)

    async def _content(self, what: tuple[str, ...]) -> bytes:
        if what not in self._drawn:
            kind, of, which = what
            content = (
                await self._gallery.draw(of, which, "png", SCALE)
                if kind == "incident"
                else await asyncio.to_thread(
                    lambda chart: picture(chart, "chart", SCALE).content,
                    await self._chart(of, int(which)),
                )
            )
            if len(self._drawn) >= KEPT:
                self._drawn.clear()
            self._drawn[what] = content
        return self._drawn[what]

    async def _chart(self, message: str, at: int) -> Chart:
        """One of an answer's charts; the answer was written down before it was said."""
        _, _, kept = (await self._delivery.get(f"reply:{message}") or "").partition(" ")
        charts = charted(Reply.model_validate_json(kept)) if kept else []
        if at >= len(charts):
            raise NotFound(f"the answer to {message} has no such chart (any more)")
        return charts[at]
