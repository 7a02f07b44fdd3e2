"""The way to Temporal: who does not answer and what is not there are told apart, in one sentence."""

from __future__ import annotations

import pytest

from chimera.domain import Misconfigured, Unavailable
from chimera.platform.orchestration.temporal import connect
from chimera.platform.settings import Temporal


async def test_a_namespace_that_is_not_there_is_named_before_the_work(
    temporal: str, namespace: str
) -> None:
    client = await connect(Temporal(address=temporal, namespace=namespace))
    assert client.namespace == namespace
    with pytest.raises(Misconfigured, match=r"no namespace 'nowhere'; create it .*or correct"):
        await connect(Temporal(address=temporal, namespace="nowhere"))


async def test_a_host_that_is_none_is_told_without_the_clients_own_types() -> None:
    with pytest.raises(Unavailable) as away:
        await connect(Temporal(address="no-such-host.invalid:7233"))
    assert "start it, or correct temporal.address" in str(away.value)
    assert "tonic" not in str(away.value)
