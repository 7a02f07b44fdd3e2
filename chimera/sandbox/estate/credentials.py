"""Who may call: a bearer token against the fingerprints that the issuer accepts."""

from __future__ import annotations

import hashlib

from aiohttp import web

from chimera.sandbox.estate.replica import Replica, Trouble


def fingerprint(token: str) -> str:
    """A name for a secret that tells nothing about it."""
    return hashlib.sha256(token.encode()).hexdigest()[:12]


def check(request: web.Request, replica: Replica) -> None:
    """Raises Trouble 401 when the caller's credential is unknown or revoked.

    A revocation may have reached only a share of the gates; then only that share refuses.
    """
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    refused = replica.wish.accepted.get(fingerprint(token), 1.0)
    if refused > 0 and replica.random.random() < refused:
        raise Trouble(401, "the credential is not valid (revoked or unknown)")
