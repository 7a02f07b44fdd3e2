"""The Temporal server's one file of settings, its command, and its namespaces."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    CountWorkflowExecutionsRequest,
    DescribeTaskQueueRequest,
    RegisterNamespaceRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from chimera.sandbox.programs.base import Program

PORTS = 8
"""How many ports the server needs: gRPC and membership for each of its four roles."""

ROLES = ("frontend", "history", "matching", "worker")
RETENTION = timedelta(days=3)
ASK_SECONDS = timedelta(seconds=3)
SCHEDULER_QUEUE = "temporal-sys-per-ns-tq"

# One machine, few tasks: single queues answer at once, small caches save memory, and a new
# namespace can be used after a second instead of ten.
TUNING: dict[str, Any] = {
    "matching.numTaskqueueReadPartitions": 1,
    "matching.numTaskqueueWritePartitions": 1,
    "system.namespaceCacheRefreshInterval": "1s",
    "system.forceSearchAttributesCacheRefreshOnRead": True,
    "history.hostLevelCacheMaxSize": 512,
    "frontend.namespaceCount": 5000,
    "frontend.namespaceRPS": 5000,
    "frontend.namespaceRPS.visibility": 1000,
}


def settings(database: Path, ports: Sequence[int], tuning: Path) -> dict[str, Any]:
    """The server's settings: everything on localhost, everything in one SQLite file.

    `synchronous: 1` with a write-ahead log loses nothing when the server is killed; only a machine
    that loses its power may forget the last moment.
    """
    store = {
        "sql": {
            "pluginName": "sqlite",
            "databaseName": str(database),
            "connectAddr": "localhost",
            "connectProtocol": "tcp",
            "connectAttributes": {"setup": "true", "journal_mode": "wal", "synchronous": "1"},
        }
    }
    return {
        "log": {"stdout": True, "level": "warn"},
        "persistence": {
            "numHistoryShards": 1,
            "defaultStore": "default",
            "visibilityStore": "visibility",
            "datastores": {"default": store, "visibility": store},
        },
        "global": {"membership": {"maxJoinDuration": "30s", "broadcastAddress": "127.0.0.1"}},
        "services": {
            role: {
                "rpc": {
                    "grpcPort": ports[2 * at],
                    "membershipPort": ports[2 * at + 1],
                    "bindOnLocalHost": True,
                }
            }
            for at, role in enumerate(ROLES)
        },
        "clusterMetadata": {
            "enableGlobalNamespace": False,
            "failoverVersionIncrement": 10,
            "masterClusterName": "active",
            "currentClusterName": "active",
            "clusterInformation": {
                "active": {
                    "enabled": True,
                    "initialFailoverVersion": 1,
                    "rpcName": "frontend",
                    "rpcAddress": f"127.0.0.1:{ports[0]}",
                }
            },
        },
        "dcRedirectionPolicy": {"policy": "noop"},
        "archival": {"history": {"state": "disabled"}, "visibility": {"state": "disabled"}},
        "dynamicConfigClient": {"filepath": str(tuning), "pollInterval": "60s"},
    }


def command(program: Program, folder: Path, ports: Sequence[int]) -> list[str]:
    """Write what the server reads into `folder`; the command that starts it."""
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / "temporal.sqlite"
    forget_members(database)
    if program.path.name == "temporal":  # the CLI's development server: same server, own settings
        values = (f"--dynamic-config-value={name}={_json(value)}" for name, value in TUNING.items())
        where = ("--ip", "127.0.0.1", "--port", str(ports[0]), "--db-filename", str(database))
        return [str(program.path), "server", "start-dev", "--headless", *where, *values]
    tuning = folder / "tuning.yaml"
    tuning.write_text(yaml.safe_dump({name: [{"value": value}] for name, value in TUNING.items()}))
    config = folder / "temporal.yaml"
    config.write_text(yaml.safe_dump(settings(database, ports, tuning)))
    return [str(program.path), "--config-file", str(config), "--allow-no-auth", "start"]


def _json(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def forget_members(database: Path) -> None:
    """Drop what an earlier run noted about its own addresses.

    Seen: with other ports than last time the server looks for its dead self for 50 s, answers
    queries meanwhile and hands out no task ("Not enough hosts to serve the request").
    """
    if not database.exists():
        return
    with closing(sqlite3.connect(database, timeout=10)) as connection, connection:
        there = "select 1 from sqlite_master where name = 'cluster_membership'"
        if connection.execute(there).fetchone():
            connection.execute("delete from cluster_membership")


async def ready(address: str, timeout: float = 30) -> None:
    """Wait until the server does real work: its own namespace answers a query.

    Raises:
        TimeoutError: it did not within `timeout` seconds.
    """
    async with asyncio.timeout(timeout):
        while True:
            try:
                client = await Client.connect(address, namespace="default")
                await ensure_namespace(client, "default", timeout)
                return
            except (RPCError, RuntimeError):  # the SDK says RuntimeError for "connection refused"
                await asyncio.sleep(0.1)


async def ensure_namespace(client: Client, name: str, timeout: float = 30) -> None:
    """Register a namespace unless it is there, and wait until workflows can start in it.

    Raises:
        TimeoutError: it could not be used within `timeout` seconds.
    """
    keep = Duration(seconds=int(RETENTION.total_seconds()))
    request = RegisterNamespaceRequest(namespace=name, workflow_execution_retention_period=keep)
    async with asyncio.timeout(timeout):
        while True:
            try:
                await client.workflow_service.register_namespace(request)
                break
            except RPCError as error:
                if error.status == RPCStatusCode.ALREADY_EXISTS:
                    break
                await asyncio.sleep(0.1)
        while not await namespace_ready(client, name):  # noqa: ASYNC110  the server has no event
            await asyncio.sleep(0.1)


async def namespace_ready(client: Client, name: str) -> bool:
    """Whether the server knows the namespace and hands out its tasks: all four roles answer."""
    try:
        await client.workflow_service.count_workflow_executions(
            CountWorkflowExecutionsRequest(namespace=name, query="WorkflowId = 'none'"),
            timeout=ASK_SECONDS,
        )
        for queue in ("ready", SCHEDULER_QUEUE):
            answer = await client.workflow_service.describe_task_queue(
                DescribeTaskQueueRequest(
                    namespace=name,
                    task_queue=TaskQueue(name=queue),
                    task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
                ),
                timeout=ASK_SECONDS,
            )
    except RPCError:
        return False
    return bool(answer.pollers)  # schedules run on workers of the server's own
