"""Chimera's own parts: API, worker, and the secrets they share."""

from __future__ import annotations

import time

import httpx
from prometheus_client.parser import text_string_to_metric_families

from chimera.cli.doctor.check import Check, Result, bad, http, missing, ok
from chimera.domain import Misconfigured
from chimera.platform.identity.people import People
from chimera.platform.identity.signing import Signer
from chimera.platform.settings import Settings

HEARTBEAT = "chimera_last_detection_timestamp_seconds"


async def look_at_api(settings: Settings) -> Result:
    async with http() as client:
        reply = await client.get(f"{settings.api.url.rstrip('/')}/-/ready")
    if reply.status_code == 200:
        return ok("api", f"ready at {settings.api.url}")
    return bad("api", f"{settings.api.url} is not ready: {reply.text.strip()[:200]}")


async def look_at_worker(settings: Settings) -> Result:
    everywhere = settings.api.host in ("0.0.0.0", "::")
    host = "127.0.0.1" if everywhere else settings.api.host
    url = f"http://{host}:{settings.api.worker_metrics_port}/metrics"
    remedy = "start it with `chimera worker`; its log says why it stopped"
    try:
        async with http() as client:
            reply = await client.get(url)
    except httpx.HTTPError as error:
        return bad("worker", f"{url}: {error}", remedy)
    beats = [
        sample.value
        for family in text_string_to_metric_families(reply.text)
        for sample in family.samples
        if sample.name == HEARTBEAT
    ]
    age = time.time() - max(beats, default=0.0)
    patience = max(60.0, 12 * settings.prometheus.scrape_interval)
    if not any(beats):
        return bad("worker", "it runs, and no detection has ended since it started", remedy)
    if age > patience:
        return bad("worker", f"the last detection ended {age:.0f} s ago", remedy)
    return ok("worker", f"the last detection ended {age:.0f} s ago")


async def look_at_people(settings: Settings) -> Result:
    if settings.identity.people is None:
        return missing(
            "people", "nobody can sign in", "set identity.people to a people.toml with tokens"
        )
    try:
        people = People.load(settings.identity.people).people
    except Misconfigured as error:
        remedy = "correct the file; until then a running API goes on with the people it read before"
        return bad("people", str(error), remedy)
    if not any(person.tokens for person in people):
        remedy = "make one with `chimera people token NAME`"
        return bad("people", "nobody has a token", remedy)
    if not any({"approver", "admin"} & set(person.roles) for person in people):
        return bad("people", "nobody may approve", "give somebody the role approver")
    return ok("people", f"{len(people)} in {settings.identity.people}")


async def look_at_signing_key(settings: Settings) -> Result:
    if settings.identity.signing_key is None:
        return bad(
            "signing key", "orders cannot be signed",
            "set identity.signing_key to file:PATH or env:NAME of at least 32 random characters",
        )  # fmt: skip
    Signer(settings.identity.signing_key.reveal())
    return ok("signing key", "readable and long enough")


async def look_at_traces(settings: Settings) -> Result:
    endpoint = settings.telemetry.otlp_endpoint
    if not endpoint:
        return missing(
            "traces", "traces are sent nowhere", "set telemetry.otlp_endpoint to a collector's"
        )
    async with http() as client:
        await client.get(endpoint)  # any answer will do: a collector has no page
    return ok("traces", f"sent to {endpoint}")


api = Check("api", look_at_api, 10)
worker = Check("worker", look_at_worker, 11)
people = Check("people", look_at_people, 12)
signing_key = Check("signing key", look_at_signing_key, 13)
traces = Check("traces", look_at_traces, 90)
