"""Fixtures for everybody: a real Temporal server, and a namespace of one's own on it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from chimera.sandbox.stack.temporal import ensure_namespace
from tests import clock
from tests.temporal_server import shared_server


@pytest.fixture(autouse=True)
def just_now() -> None:
    clock.begin()


@pytest.fixture(scope="session")
def session_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all xdist workers of this session share."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def temporal(session_folder: Path) -> Iterator[str]:
    """The address of a real Temporal server, one for the whole session."""
    with shared_server(session_folder / "temporal-server") as address:
        yield address


@pytest.fixture
async def namespace(temporal: str) -> str:
    """The name of a fresh namespace, ready for use."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    await ensure_namespace(await Client.connect(temporal), name)
    return name


@pytest.fixture
async def client(temporal: str, namespace: str) -> Client:
    """A Temporal client in a fresh namespace, with Chimera's data converter."""
    return await Client.connect(
        temporal, namespace=namespace, data_converter=pydantic_data_converter
    )
