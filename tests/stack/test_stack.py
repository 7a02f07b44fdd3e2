"""The stack with its real programs; Chimera's own processes and the estate have tests elsewhere."""

from __future__ import annotations

import asyncio
import lzma
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest
from sqlalchemy.exc import DBAPIError
from temporalio.client import Client

from chimera.domain import Alert
from chimera.domain.errors import NotFound
from chimera.platform.governance.audit import Entry
from chimera.platform.store import Store
from chimera.sandbox.stack import (
    PortInUse,
    Stack,
    StackRunning,
    StartFailed,
    is_running,
    load_state,
    stop_running,
)
from chimera.sandbox.stack.child import Child
from chimera.sandbox.stack.ports import free_ports
from chimera.sandbox.stack.service import Service, answers

SERVICES = {"postgres", "temporal", "alertmanager", "prometheus"}


def bare(home: Path, **more: object) -> Stack:
    return Stack(home, with_estate=False, with_chimera=False, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    running = bare(tmp_path_factory.mktemp("stack"))
    await running.start()
    yield running
    await running.stop()


async def until(condition: Callable[[], Awaitable[bool] | bool], timeout: float = 60) -> None:
    deadline = time.monotonic() + timeout
    while True:
        met = condition()
        if met if isinstance(met, bool) else await met:
            return
        assert time.monotonic() < deadline, "the condition was not met in time"
        await asyncio.sleep(0.05)


async def orders_database(stack: Stack) -> asyncpg.Connection:
    return await asyncpg.connect(stack.describe().urls["estate_database"], timeout=5)


async def test_every_service_answers_and_the_state_file_leads_to_it(stack: Stack) -> None:
    state = load_state(stack.home)
    assert state is not None
    assert state.phase == "running"
    assert set(state.pids) == SERVICES
    async with httpx.AsyncClient() as http:
        for name in ("prometheus", "alertmanager"):
            assert (await http.get(f"{state.urls[name]}/-/ready")).status_code == 200
    client = await Client.connect(state.urls["temporal"], namespace="default")
    assert (await client.count_workflows()).count >= 0
    connection = await orders_database(stack)
    assert await connection.fetchval("select current_database()") == "panther"
    await connection.close()


async def test_secrets_are_for_their_owner_alone(stack: Stack) -> None:
    private = [stack.home / "stack.json", stack.home / "chimera.toml", stack.home / "people.toml"]
    private += (stack.home / "secrets").iterdir()
    assert {oct(path.stat().st_mode & 0o777) for path in private} == {"0o600"}
    config = (stack.home / "chimera.toml").read_text()
    assert not [secret for secret in stack.describe().tokens.values() if secret in config]


async def test_everything_listens_on_localhost_only(stack: Stack) -> None:
    state = stack.describe()
    listening = {
        (connection.laddr.ip, connection.laddr.port)
        for pid in state.pids.values()
        for connection in psutil.Process(pid).net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert {ip for ip, _ in listening} == {"127.0.0.1"}
    assert listening <= {("127.0.0.1", port) for port in state.ports.values()}


@pytest.mark.parametrize("name", sorted(SERVICES))
async def test_a_killed_service_comes_back(stack: Stack, name: str) -> None:
    before = stack.describe().pids[name]
    await stack.kill(name, signal.SIGKILL)
    await until(lambda: stack.describe().pids.get(name, before) != before)
    await stack.until_ready(name)


async def test_postgres_keeps_its_rows_when_it_is_killed(stack: Stack) -> None:
    connection = await orders_database(stack)
    await connection.execute("create table kept as select 42 as answer")
    await connection.close()
    before = stack.describe().pids["postgres"]
    await stack.kill("postgres")
    await until(lambda: stack.describe().pids.get("postgres", before) != before)
    await stack.until_ready("postgres")
    connection = await orders_database(stack)
    assert await connection.fetchval("select answer from kept") == 42
    await connection.close()


async def test_states_of_one_alert_that_come_at_once_end_it_on_postgres_too(stack: Stack) -> None:
    began = datetime(2026, 1, 1, tzinfo=UTC)
    firing = [
        Alert(fingerprint=f"f{n}", name="n", service="orders", began=began) for n in range(30)
    ]
    ended = [a.model_copy(update={"ended": began + timedelta(minutes=5)}) for a in firing]
    stores = await asyncio.gather(*(Store.open(stack.describe().urls["store"]) for _ in range(3)))
    tellings = [told for n in range(3) for told in (firing[n:], ended[::-1], ended[n:])]
    await asyncio.gather(
        *(stores[n % 3].put_alerts(told) for n, told in enumerate(tellings)),
        *(store.prefix() for store in stores),
    )
    last = {row.body["fingerprint"]: row.body["ended"] for row in await stores[0].ungrouped()}
    assert len(last) == len(firing)
    assert None not in last.values()
    assert len({await store.prefix() for store in stores}) == 1
    await asyncio.gather(*(store.close() for store in stores))


async def test_writers_on_postgres_keep_one_audit_chain_that_it_refuses_to_change(
    stack: Stack,
) -> None:
    stores = await asyncio.gather(*(Store.open(stack.describe().urls["store"]) for _ in range(3)))
    before = (await stores[0].audit_head()).seq

    async def write(store: Store) -> None:
        for deed in range(10):
            shared = Entry(who="chimera", action="thing.done", key=f"shared/{deed}")
            await store.audit(Entry(who="chimera", action="thing.done"), shared)

    await asyncio.gather(*(write(store) for store in stores * 2))
    verdict = await stores[0].verify_audit()
    assert (verdict.rows - before, verdict.broken) == (6 * 10 + 10, None)
    with pytest.raises(DBAPIError, match="append-only"):
        await changed(stores[0], "DELETE FROM audit")
    await asyncio.gather(*(store.close() for store in stores))


async def changed(store: Store, statement: str) -> None:
    async with store._engine.begin() as connection:
        await connection.exec_driver_sql(statement)


async def test_a_held_service_stays_stopped_until_it_is_released(stack: Stack) -> None:
    await stack.hold("prometheus")
    url = stack.describe().urls["prometheus"]
    assert "prometheus" not in stack.describe().pids
    with pytest.raises(httpx.ConnectError):
        await httpx.AsyncClient().get(f"{url}/-/ready")
    await stack.release("prometheus")
    assert stack.services["prometheus"] == "ready"
    with pytest.raises(NotFound, match="it has: "):
        await stack.restart("grafana")


async def test_a_second_up_says_that_it_runs_already(stack: Stack) -> None:
    with pytest.raises(StackRunning, match="runs already") as raised:
        await bare(stack.home).start()
    assert raised.value.state is not None
    assert raised.value.state.pids == stack.describe().pids
    assert load_state(stack.home) is not None


async def test_a_port_that_was_asked_for_and_is_taken_is_one_clear_error(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(StartFailed, match=f"the port {port} asked for as 'api' is taken"):
            await bare(tmp_path, ports={"api": port}).start()
    assert not is_running(tmp_path)


async def test_a_program_that_finds_its_port_taken_is_told_apart(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        code = f"import socket; socket.create_server(('127.0.0.1', {port}))"
        never = answers(f"http://127.0.0.1:{free_ports(1)[0]}/")
        child = Child(Service("web", (sys.executable, "-c", code), never), tmp_path / "log", print)
        with pytest.raises(PortInUse, match="web ended with 1"):
            await child.start()


async def test_recorded_history_is_there_as_if_it_had_just_happened(tmp_path: Path) -> None:
    recording = tmp_path / "history.om.xz"
    moments = [1000 + 5 * number for number in range(241)]  # two practice days
    counted = [f'orders_total{{service="orders"}} {at} {at}.0\n' for at in moments]
    noted = [f"last_run_timestamp_seconds {at} {at}.0\n" for at in moments]
    with lzma.open(recording, "wt") as file:
        file.writelines(["# TYPE orders counter\n", *counted])
        file.writelines(["# TYPE last_run_timestamp_seconds gauge\n", *noted, "# EOF\n"])
    stack = bare(tmp_path / "home", light=True, history=recording)
    state = await stack.start()
    try:
        assert stack.history_span is not None
        first, ends = stack.history_span
        assert abs(time.time() - ends) < 30
        assert (first - moments[0]) % 600 == pytest.approx(0)
        async with httpx.AsyncClient(base_url=state.urls["prometheus"]) as http:
            query = {"query": "orders_total[30m]", "time": str(ends)}
            answer = (await http.get("/api/v1/query", params=query)).json()
            values = answer["data"]["result"][0]["values"]
            moved = values[0][0] - moments[0]
            assert [(at - moved, float(value)) for at, value in values] == [
                (at, at) for at in moments if at + moved <= ends
            ]
            assert ends - values[-1][0] < 5
            query = {"query": "last_run_timestamp_seconds - time()", "time": str(values[-1][0])}
            answer = (await http.get("/api/v1/query", params=query)).json()
            assert float(answer["data"]["result"][0]["value"][1]) == pytest.approx(0, abs=0.01)
    finally:
        await stack.stop()


UP = """
import asyncio, sys
from pathlib import Path
from chimera.sandbox.stack import Stack

async def up():
    stack = Stack(Path(sys.argv[1]), with_estate=False, with_chimera=False)
    await stack.start(print)
    await stack.run_forever()

asyncio.run(up())
"""


async def supervised(home: Path) -> tuple[asyncio.subprocess.Process, list[psutil.Process]]:
    """A stack under a supervisor of its own, and every process it runs."""
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", UP, str(home), stdout=asyncio.subprocess.DEVNULL
    )

    def up() -> bool:
        assert supervisor.returncode is None
        state = load_state(home)
        return state is not None and state.phase == "running"

    await until(up, 90)
    everyone = psutil.Process(supervisor.pid).children(recursive=True)
    assert len(everyone) > len(SERVICES)  # Postgres has children of its own
    return supervisor, everyone


async def test_nothing_is_left_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    supervisor, everyone = await supervised(tmp_path)
    supervisor.kill()
    await supervisor.wait()
    await until(lambda: not any(process.is_running() for process in everyone), 40)
    assert load_state(tmp_path) is None
    (tmp_path / "ports.json").unlink()  # other ports than before must not slow Temporal down
    began = time.monotonic()
    again, everyone = await supervised(tmp_path)
    assert time.monotonic() - began < 30
    began = time.monotonic()
    assert await stop_running(tmp_path)
    assert await again.wait() == 0
    assert time.monotonic() - began < 20
    assert not any(process.is_running() for process in everyone)
    assert not (tmp_path / "stack.json").exists()


async def test_a_start_that_is_stopped_half_way_leaves_nothing(tmp_path: Path) -> None:
    stack = bare(tmp_path)
    starting = asyncio.create_task(stack.start())
    await until(lambda: bool(stack.services) and len(stack.describe().pids) >= 2)
    pids = list(stack.describe().pids.values())
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert not [pid for pid in pids if psutil.pid_exists(pid)]
    assert not is_running(tmp_path)
    assert os.listdir(tmp_path / "logs")
