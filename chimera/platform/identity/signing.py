"""Signatures on orders and approvals.

Any local process can reach a development Temporal and start workflows in it; what Chimera itself
decided is told apart by an HMAC-SHA256 over the whole content, checked in an activity.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from typing import TypeVar

from chimera.domain import Approval, BadSignature, Misconfigured, Order

Signed = TypeVar("Signed", Order, Approval)


class Signer:
    """Signs and checks with one key of at least 32 bytes."""

    def __init__(self, key: str) -> None:
        if len(key) < 32:
            raise Misconfigured("the signing key is shorter than 32 characters; make a longer one")
        self._key = key.encode()

    def _mac(self, content: Signed) -> str:
        # The kind goes in, so that an approval can never pass for an order.
        message = type(content).__name__.encode() + b"\0" + content.signed_content()
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()

    def sign(self, content: Signed) -> Signed:
        return content.model_copy(update={"signature": self._mac(content)})

    def seal(self, content: bytes) -> str:
        """A signature for the end of the audit log, which can pass for nothing else."""
        return hmac.new(self._key, b"AuditHead\0" + content, hashlib.sha256).hexdigest()

    def check(self, content: Signed, now: datetime | None = None) -> None:
        """Raises BadSignature unless Chimera signed exactly this and it has not expired."""
        name = content.id if isinstance(content, Order) else content.order_id
        what = f"{type(content).__name__.lower()} {name}"
        if not hmac.compare_digest(self._mac(content), content.signature):
            raise BadSignature(
                f"{what} is not signed by Chimera or was altered; it is not carried out"
            )
        if content.expires <= (now or datetime.now(UTC)):
            raise BadSignature(
                f"{what} expired at {content.expires:%H:%M:%S} UTC; ask for it again"
            )
