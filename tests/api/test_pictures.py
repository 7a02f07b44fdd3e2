"""An incident's pictures over the API and on its page."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from chimera.api.app import create_app
from chimera.domain import NotFound
from chimera.platform.pictures.gallery import Form, Shown
from chimera.platform.settings import Settings
from chimera.platform.store.store import Store
from tests.api.desk import NOW, VIEWER, FakeDesk, people

TITLE = 'checkout: latency is 1.2 s, "expected" <b>less</b>'


class Drawn:
    """A gallery of one incident with more pictures than its page shows."""

    async def of(self, incident: str) -> list[Shown]:
        return [Shown(id=f"a{n}", title=TITLE, began=NOW) for n in range(10)]

    async def draw(self, incident: str, anomaly_id: str, form: Form) -> bytes:
        if anomaly_id != "a1":
            raise NotFound(f"{incident} has no anomaly {anomaly_id!r}")
        return b"<svg/>" if form == "svg" else b"\x89PNG"


@pytest.fixture
def app(store: Store, tmp_path: Path) -> FastAPI:
    return create_app(Settings(), store, FakeDesk(store), people(), gallery=Drawn())


async def test_pictures_are_listed_and_shown_to_who_may_see_the_incident(
    http: httpx.AsyncClient,
) -> None:
    here, signed = "/api/v1/incidents/INC-1/pictures", {"Authorization": f"Bearer {VIEWER}"}
    assert (await http.get(f"{here}/a1.png")).status_code == 401
    cookie = {"Cookie": f"chimera_token={VIEWER}"}
    assert (await http.get(f"{here}/a1.png", headers=cookie)).status_code == 200
    assert [p["id"] for p in (await http.get(here, headers=signed)).json()][:2] == ["a0", "a1"]
    for form, kind, content in (
        ("png", "image/png", b"\x89PNG"),
        ("svg", "image/svg+xml", b"<svg/>"),
    ):
        reply = await http.get(f"{here}/a1.{form}", headers=signed)
        assert (reply.headers["content-type"], reply.content) == (kind, content)
        assert "sandbox" in reply.headers["content-security-policy"]
        assert reply.headers["x-content-type-options"] == "nosniff"
    for wrong in (f"{here}/a2.png", f"{here}/a1.gif", f"{here}/a1", here.replace("-1", "-9")):
        assert (await http.get(wrong, headers=signed)).status_code == 404, wrong


async def test_the_page_shows_the_strongest_and_may_load_nothing_else(
    http: httpx.AsyncClient,
) -> None:
    reply = await http.get("/incidents/INC-1", headers={"Authorization": f"Bearer {VIEWER}"})
    assert reply.text.count("<img") == 8
    assert "/api/v1/incidents/INC-1/pictures/a0.svg" in reply.text
    assert "2 more" in reply.text
    assert "<b>less" not in reply.text
    assert "img-src 'self'" in reply.headers["content-security-policy"]
