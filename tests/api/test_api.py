from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.routing import Route

from chimera.api.app import create_app
from chimera.api.gate import LARGEST_BODY, OPEN
from chimera.domain import Matcher, Silence
from chimera.platform.identity.people import People
from chimera.platform.settings import Settings
from chimera.platform.store.store import Store
from tests.api.desk import APPROVER, OPERATOR, VIEWER, FakeDesk, plan

ALERT = {
    "status": "firing",
    "labels": {"alertname": "TooSlow", "service": "checkout"},
    "annotations": {},
    "startsAt": "2026-01-02T03:04:05Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "http://prometheus/graph",
    "fingerprint": "abc123",
}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def webhook(*alerts: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": "4", "groupKey": "g", "status": "firing", "receiver": "chimera",
        "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {},
        "externalURL": "http://alertmanager", "alerts": list(alerts),
    }  # fmt: skip


def closed_routes() -> list[tuple[str, str]]:
    app = create_app(Settings(), Store.__new__(Store), FakeDesk(Store.__new__(Store)), People())

    def below(routes: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
        for route in routes:
            if isinstance(route, Route):
                for method in sorted(route.methods or ()):
                    yield method, prefix + route.path
            else:  # FastAPI keeps an included router as it is
                inner = route.original_router
                yield from below(inner.routes, prefix + route.include_context.prefix)

    found = {(method, path.replace(":path", "")) for method, path in below(app.routes)}
    return sorted(one for one in found if one[1] not in OPEN)


@pytest.mark.parametrize(("method", "path"), closed_routes())
async def test_every_route_wants_a_token(http: httpx.AsyncClient, method: str, path: str) -> None:
    for headers in ({}, bearer("wrong"), {"Authorization": "Basic eDp5"}):
        reply = await http.request(method, path.replace("{", "").replace("}", ""), headers=headers)
        assert reply.status_code == 401
        assert method == "HEAD" or reply.json()["error"]["type"] == "NotSignedIn"


def test_the_routes_that_were_checked_are_all_there_are() -> None:
    paths = {path for _, path in closed_routes()}
    assert {"/", "/incidents/{incident_id}", "/openapi.json"} <= paths
    assert {"/api/v1/status", "/api/v1/orders/{order_id}/answer", "/api/v1/alerts"} <= paths


async def test_an_unknown_path_tells_strangers_nothing(http: httpx.AsyncClient) -> None:
    assert (await http.get("/nothing")).status_code == 401
    known = await http.get("/nothing", headers=bearer(VIEWER))
    assert known.status_code == 404
    assert known.json()["error"]["type"] == "NotFound"


@pytest.mark.parametrize(
    ("method", "path", "token", "body", "status", "kind"),
    [
        ("GET", "/incidents/INC-9", VIEWER, None, 404, "NotFound"),
        ("GET", "/incidents/INC-9/events", VIEWER, None, 404, "NotFound"),
        ("GET", "/incidents/INC-1/postmortem", VIEWER, None, 404, "NotFound"),
        ("GET", "/incidents?limit=0", VIEWER, None, 422, "Invalid"),
        ("GET", "/orders/INC-1/9", VIEWER, None, 404, "NotFound"),
        ("POST", "/incidents/INC-1/ack", VIEWER, {}, 403, "NotAllowed"),
        ("POST", "/orders/INC-1/1/answer", OPERATOR, {"granted": True}, 422, "Invalid"),
        ("POST", "/orders/INC-1/1/answer", APPROVER, {"granted": True, "plan_hash": "other"},
         409, "Refused"),
        ("POST", "/runbooks/none/run", OPERATOR, {"reason": "x"}, 404, "NotFound"),
        ("POST", "/runbooks/restart_service/run", VIEWER, {"reason": "x"}, 403, "NotAllowed"),
        ("POST", "/pause", VIEWER, {}, 403, "NotAllowed"),
        ("POST", "/silences", VIEWER, {"signals": ["x"], "reason": "x"}, 403, "NotAllowed"),
        ("POST", "/silences", OPERATOR, {"signals": ["x"]}, 422, "Invalid"),
        ("POST", "/silences/SIL-9/lift", OPERATOR, {}, 404, "NotFound"),
        ("POST", "/feedback/INC-1", VIEWER, {"useful": True}, 403, "NotAllowed"),
        ("POST", "/feedback/none:1", OPERATOR, {"useful": True}, 404, "NotFound"),
        ("POST", "/feedback/INC-1/undo", OPERATOR, {}, 404, "NotFound"),
        ("POST", "/incidents/INC-1/merge", OPERATOR, {"into": "INC-1"}, 409, "Refused"),
        ("POST", "/incidents/INC-1/veto", VIEWER, {}, 403, "NotAllowed"),
        ("POST", "/incidents/INC-1/veto", OPERATOR, {}, 409, "Refused"),
        ("POST", "/incidents/INC-9/veto", OPERATOR, {}, 404, "NotFound"),
        ("POST", "/incidents/INC-1/veto/undo", OPERATOR, {}, 404, "NotFound"),
        ("GET", "/incidents/INC-1/dossier", VIEWER, None, 404, "NotFound"),
        ("POST", "/incidents/INC-1/split", OPERATOR, {"service": "x"}, 409, "Refused"),
        ("GET", "/noise?days=15", VIEWER, None, 422, "Invalid"),
    ],
)  # fmt: skip
async def test_errors_name_their_type_and_status(
    http: httpx.AsyncClient,
    method: str,
    path: str,
    token: str,
    body: dict[str, Any] | None,
    status: int,
    kind: str,
) -> None:
    reply = await http.request(method, f"/api/v1{path}", headers=bearer(token), json=body)
    assert (reply.status_code, reply.json()["error"]["type"]) == (status, kind)
    assert reply.json()["error"]["message"]


async def test_what_is_away_is_503_and_may_be_tried_again(
    http: httpx.AsyncClient, desk: FakeDesk
) -> None:
    desk.temporal_is_away = True
    reply = await http.get("/api/v1/status", headers=bearer(VIEWER))
    assert reply.status_code == 503
    assert reply.headers["retry-after"]


async def test_who_answers_comes_from_the_token_never_from_the_body(
    http: httpx.AsyncClient, desk: FakeDesk
) -> None:
    shown = (await http.get("/api/v1/orders/INC-1/1", headers=bearer(APPROVER))).json()
    assert shown["plan_hash"] == plan().hash
    reply = await http.post(
        "/api/v1/orders/INC-1/1/answer",
        headers=bearer(APPROVER),
        json={"granted": True, "plan_hash": shown["plan_hash"], "approver": "somebody-else"},
    )
    assert reply.json()["approver"] == "ana"
    assert desk.asked == [("answer", "INC-1/1", True, "", "ana")]


async def test_a_dry_run_gives_a_plan_and_a_run_an_order(
    http: httpx.AsyncClient, desk: FakeDesk
) -> None:
    wish = {"parameters": {"service": "checkout"}, "reason": "it leaks", "dry_run": True}
    dry = await http.post(
        "/api/v1/runbooks/restart_service/run", headers=bearer(OPERATOR), json=wish
    )
    assert dry.json()["order"] is None
    assert dry.json()["plan"]["does"] == "restarts checkout"
    wet = await http.post(
        "/api/v1/runbooks/restart_service/run",
        headers=bearer(OPERATOR),
        json=wish | {"dry_run": False},
    )
    assert wet.json()["order"]["id"] == "INC-1/1"
    assert desk.asked[-1] == ("run", "restart_service", "checkout", "it leaks", "ola", False)


async def test_a_pause_is_in_every_view_at_once(http: httpx.AsyncClient) -> None:
    await http.post(
        "/api/v1/pause", headers=bearer(OPERATOR), json={"environment": "*", "reason": "storm"}
    )
    status = (await http.get("/api/v1/status", headers=bearer(VIEWER))).json()
    assert status["paused"][0]["reason"] == "storm"
    page = await http.get("/", headers=bearer(VIEWER))
    assert "Paused: everywhere, by ola" in page.text
    assert (await http.post("/api/v1/resume", headers=bearer(OPERATOR), json={})).json() == {}


async def test_the_same_alert_is_kept_once_and_its_end_is_kept_too(
    http: httpx.AsyncClient, store: Store
) -> None:
    headers = bearer("alertmanager-token")
    sent = await http.post("/api/v1/alerts", headers=headers, json=webhook(ALERT, ALERT))
    assert sent.json() == {"received": 2, "new": 1}
    again = await http.post("/api/v1/alerts", headers=headers, json=webhook(ALERT))
    assert again.json() == {"received": 1, "new": 0}
    ended = ALERT | {"status": "resolved", "endsAt": "2026-01-02T03:09:05Z"}
    assert (await http.post("/api/v1/alerts", headers=headers, json=webhook(ended))).json()["new"]
    assert [row.body["name"] for row in await store.ungrouped()] == ["TooSlow", "TooSlow"]


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"version": "3", "alerts": []}'])
async def test_a_webhook_that_is_none_is_refused_with_the_reason(
    http: httpx.AsyncClient, body: bytes
) -> None:
    reply = await http.post("/api/v1/alerts", headers=bearer("alertmanager-token"), content=body)
    assert reply.status_code == 409
    assert "could not be read" in reply.json()["error"]["message"]


async def test_alertmanagers_token_and_peoples_tokens_do_not_stand_for_each_other(
    http: httpx.AsyncClient,
) -> None:
    assert (await http.post("/api/v1/alerts", headers=bearer(OPERATOR), json={})).status_code == 401
    stolen = bearer("alertmanager-token")
    assert (await http.get("/api/v1/status", headers=stolen)).status_code == 401


async def test_a_body_that_is_too_large_is_not_read(http: httpx.AsyncClient) -> None:
    reply = await http.post(
        "/api/v1/alerts", headers=bearer("alertmanager-token"), content=b"x" * (LARGEST_BODY + 1)
    )
    assert reply.status_code == 413


async def test_probes_and_metrics_are_open_and_say_little(
    http: httpx.AsyncClient, app: FastAPI, store: Store
) -> None:
    assert (await http.get("/-/healthy")).status_code == 200
    assert (await http.get("/-/ready")).json() == {"store": "ok"}
    assert 'chimera_dependency_up{dependency="store"} 1.0' in (await http.get("/metrics")).text
    assert (await http.post("/slack/events")).text == "from Slack's own handler"
    assert (await http.post("/teams/messages")).text == "from Teams' own handler"


async def test_not_ready_names_what_does_not_answer(store: Store, desk: FakeDesk) -> None:
    async def away() -> None:
        raise ConnectionError("refused")

    app = create_app(Settings(), store, desk, People(), probes={"temporal": away})
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://chimera"
    ) as http:
        reply = await http.get("/-/ready")
    assert reply.status_code == 503
    assert reply.json() == {"store": "ok", "temporal": "does not answer"}


async def test_a_browser_signs_in_looks_and_cannot_act_by_cookie(http: httpx.AsyncClient) -> None:
    html = {"Accept": "text/html"}
    form = await http.get("/", headers=html)
    assert form.status_code == 401
    assert '<form method="post" action="/login">' in form.text
    assert (await http.post("/login", data={"token": "wrong"})).status_code == 401
    signed_in = await http.post("/login", data={"token": OPERATOR})
    assert signed_in.status_code == 303
    kept = signed_in.headers["set-cookie"].lower()
    assert "httponly" in kept
    assert "samesite=strict" in kept
    page = await http.get("/", headers=html)
    assert page.status_code == 200
    assert "checkout &lt;b&gt;is&lt;/b&gt; slow" in page.text
    assert "INC-1/1" in (await http.get("/incidents/INC-1")).text
    assert (await http.post("/api/v1/pause", json={})).status_code == 401


async def test_a_bug_is_told_without_its_inner_details(
    http: httpx.AsyncClient, desk: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken() -> dict[str, Any]:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(desk, "status", broken)
    reply = await http.get("/api/v1/status", headers=bearer(VIEWER))
    assert reply.status_code == 500
    assert "hunter2" not in reply.text


async def test_what_is_silenced_is_in_every_view(http: httpx.AsyncClient, store: Store) -> None:
    now = datetime.now(UTC)
    silence = Silence(
        id="SIL-1",
        matcher=Matcher(services=("checkout",)),
        since=now,
        until=now + timedelta(hours=1),
        by="ola",
        reason="<b>noise</b>",
        order="MAN-1/1",
    )
    await store.add_silence("MAN-1/1", "MAN-1/1", silence)
    for path in ("/", "/incidents/INC-1"):
        page = (await http.get(path, headers=bearer(VIEWER))).text
        assert "Held back: silenced until" in page
        assert "&lt;b&gt;noise" in page
    for path in ("/status", "/hushed"):
        assert "SIL-1" in (await http.get(f"/api/v1{path}", headers=bearer(VIEWER))).text
    await store.lift_silence("MAN-2/1", "MAN-2/1", "SIL-1", "ola", now)
    assert (await http.get("/api/v1/hushed", headers=bearer(VIEWER))).json() == []
    everything = await http.get("/api/v1/silences?everything=true", headers=bearer(VIEWER))
    assert everything.json()[0]["lifted_by"] == "ola"
