"""Temporal, as all of Chimera uses it: one converter, one retry policy, one way to read failures."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio import activity
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, Interceptor
from temporalio.common import RetryPolicy
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from chimera.domain import Misconfigured, Unavailable, refusals
from chimera.platform.settings import Temporal

QUOTED = re.compile(r'"([^"]+)"')
RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    backoff_coefficient=2.0,
    maximum_interval=timedelta(seconds=15),
    non_retryable_error_types=refusals(),
)


async def connect(settings: Temporal, interceptors: list[Interceptor] | None = None) -> Client:
    """Within 30 s. Raises Unavailable when nobody answers there, Misconfigured without the namespace."""
    try:
        client = await Client.connect(
            settings.address,
            namespace=settings.namespace,
            data_converter=pydantic_data_converter,
            interceptors=interceptors or [],
        )
    except RuntimeError as error:
        # The client quotes its own types around the one sentence that says why.
        told = QUOTED.findall(str(error)) or [str(error)]
        why = f"{told[-1]}; start it, or correct temporal.address"
        raise Unavailable(f"Temporal at {settings.address}", "be reached", why) from error
    wanted = DescribeNamespaceRequest(namespace=settings.namespace)
    try:
        await client.workflow_service.describe_namespace(wanted, timeout=timedelta(seconds=10))
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise Misconfigured(
                f"Temporal at {settings.address} has no namespace {settings.namespace!r}; create it "
                "(`temporal operator namespace create`), or correct temporal.namespace"
            ) from error
        # Whoever may not ask for it may still work in it.
    return client


def reason(failure: BaseException) -> str:
    """What went wrong, without Temporal's own wrapping."""
    cause = failure.cause if isinstance(failure, ActivityError) else failure
    return str(getattr(cause, "message", None) or cause or failure)


def caused_by(failure: BaseException, *kinds: type[Exception]) -> bool:
    """Whether an activity failed with one of these errors of ours."""
    cause = failure.cause if isinstance(failure, ActivityError) else failure
    names = {kind.__name__ for kind in kinds}
    return isinstance(cause, ApplicationError) and cause.type in names


@asynccontextmanager
async def heartbeating(every: float = 2.0) -> AsyncIterator[None]:
    """Tell Temporal that this activity lives, so that a killed worker is noticed in seconds."""

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(every)

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
