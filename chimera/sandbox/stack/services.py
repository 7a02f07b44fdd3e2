"""The stack's services, in one list: what each runs, needs and answers when it is ready.

To add one, write a function that returns its `Service` and put it into `all_services`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from temporalio.service import RPCError

from chimera.sandbox.programs import postgres as postgres_program
from chimera.sandbox.programs import prometheus as prometheus_program
from chimera.sandbox.programs import temporal as temporal_program
from chimera.sandbox.programs.base import Program, Say
from chimera.sandbox.stack import observing, postgres, temporal
from chimera.sandbox.stack.layout import Layout
from chimera.sandbox.stack.service import Ready, Service, answers

COMMAND = "from chimera.main import main; main()"
"""The `chimera` command, run by this very Python."""


@dataclass(frozen=True)
class Programs:
    """The programs a stack needs; None where an address is given or the part is left out."""

    temporal: Program | None
    prometheus: Program | None
    alertmanager: Program | None
    postgres: Program | None


async def find_programs(given: frozenset[str], light: bool, say: Say) -> Programs:
    """Find or make every program that no address is given for.

    Raises:
        ProgramMissing: one of them cannot be had; the message lists what was tried.
    """
    release = prometheus_program
    return Programs(
        temporal=None if "temporal" in given else await temporal_program.find(say),
        prometheus=None if "prometheus" in given else await release.find(release.PROMETHEUS, say),
        alertmanager=None
        if "alertmanager" in given
        else await release.find(release.ALERTMANAGER, say),
        postgres=None if light or "postgres" in given else await postgres_program.find(say),
    )


async def all_services(layout: Layout, programs: Programs, say: Say) -> list[Service]:
    """Every service of this stack, with its files written."""
    services: list[Service] = []
    if programs.postgres:
        data = await postgres.prepare(programs.postgres, layout, say)
        services.append(postgres.service(programs.postgres, data, layout))
    if programs.temporal:
        services.append(temporal_server(programs.temporal, layout))
    if programs.alertmanager:
        services.append(observing.alertmanager(programs.alertmanager, layout))
    if programs.prometheus:
        services.append(observing.prometheus(programs.prometheus, layout))
    if layout.with_estate:
        services += [standins(layout), estate(layout)]
    if layout.with_chimera:
        services += [worker(layout), api(layout)]
    started = {service.name for service in services}
    return [
        Service(**{**vars(service), "after": tuple(n for n in service.after if n in started)})
        for service in services
    ]


def temporal_server(program: Program, layout: Layout) -> Service:
    """The Temporal server; ready when its namespace can be used."""
    ports = [port for name, port in layout.ports.items() if name.startswith("temporal")]
    command = temporal.command(program, layout.home / "temporal", ports)
    return Service(
        name="temporal",
        command=tuple(command),
        ready=temporal_answers(layout.temporal_address),
        env={"GOMEMLIMIT": "400MiB"},
    )


def temporal_answers(address: str) -> Ready:
    """Ready when workflows can be started there."""

    async def ask() -> bool:
        try:
            await temporal.ready(address, timeout=5)
        except (TimeoutError, RPCError, RuntimeError):
            return False
        return True

    return ask


def python(*arguments: str) -> tuple[str, ...]:
    """A command of this very Python, writing its output at once."""
    return (sys.executable, "-u", *arguments)


def standins(layout: Layout) -> Service:
    """What stands in for ServiceNow, Slack, Teams and the pager."""
    return Service(
        name="standins",
        command=python(
            *("-m", "chimera.sandbox.standins"),
            *("--home", str(layout.home / "standins")),
            *("--port", str(layout.ports["standins"])),
            *("--secrets", str(layout.secrets_folder / "standins.json")),
            *("--slack-events", f"{layout.url('api')}/slack/events"),
            *("--teams-events", f"{layout.url('api')}/teams/messages"),
        ),
        ready=answers(f"{layout.url('standins')}/-/ready"),
    )


def estate(layout: Layout) -> Service:
    """The practice company: its controller starts and supervises all its processes."""
    return Service(
        name="estate",
        command=python(
            *("-m", "chimera.sandbox.estate.controller"),
            *("--home", str(layout.estate)),
            *("--port", str(layout.ports["controller"])),
            *("--database", layout.estate_database),
            *("--seed", str(layout.seed)),
            *("--tokens", str(layout.secrets_folder / "controller.json")),
            *("--targets", str(layout.targets)),
        ),
        ready=answers(f"{layout.url('controller')}/-/ready"),
        after=("postgres",),
        env={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        start_timeout=180,
        stop_timeout=8,
    )


def worker(layout: Layout) -> Service:
    """Chimera's worker: detection, incidents and repairs."""
    return Service(
        name="worker",
        command=python("-c", COMMAND, "worker"),
        ready=answers(f"http://127.0.0.1:{layout.ports['worker_metrics']}/metrics"),
        after=("postgres", "temporal", "prometheus", "standins", "estate"),
        env=own_environment(layout),
        start_timeout=180,
        stop_timeout=6,
    )


def api(layout: Layout) -> Service:
    """Chimera's API and pages."""
    return Service(
        name="api",
        command=python("-c", COMMAND, "api"),
        ready=answers(f"{layout.url('api')}/-/ready"),
        after=("postgres", "temporal", "prometheus"),
        env=own_environment(layout),
        start_timeout=180,
    )


def own_environment(layout: Layout) -> dict[str, str]:
    return {
        "CHIMERA_CONFIG": str(layout.config),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
    }
