"""The process controller: runs Panther Retail and is the only way to change it.

`python -m chimera.sandbox.estate.controller --home DIR --port P --database DSN --tokens FILE ...`
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import secrets
import signal
import socket
from pathlib import Path

from aiohttp import web

from chimera.sandbox.estate.afflictions import Afflictions
from chimera.sandbox.estate.desired import Wiring, wiring_file, write_whole
from chimera.sandbox.estate.doors import Tokens, application
from chimera.sandbox.estate.fleet import Fleet
from chimera.sandbox.estate.plant import Plant
from chimera.sandbox.estate.records import Records
from chimera.sandbox.estate.spec import SERVICES

LOCAL = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on, below those that the kernel gives to clients."""
    found: list[int] = []
    while len(found) < count:
        port = random.SystemRandom().randint(18_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind((LOCAL, port))
            except OSError:
                continue
        if port not in found:
            found.append(port)
    return found


def wire(home: Path, seed: int, database: str, day: float) -> Wiring:
    """Choose everybody's ports and write them down for the processes."""
    instances = [f"{s.name}-{n}" for s in SERVICES.values() for n in range(s.max_replicas)]
    ports = free_ports(len(SERVICES) + len(instances))
    wiring = Wiring(
        home=home,
        seed=seed,
        database=database,
        day_seconds=day,
        ports=dict(zip(SERVICES, ports, strict=False)),
        metrics_ports=dict(zip(instances, ports[len(SERVICES) :], strict=True)),
    )
    write_whole(wiring_file(home), wiring.model_dump_json(indent=1))
    return wiring


def write_targets(path: Path, plant: Plant) -> None:
    """Tell Prometheus whom to scrape: stable names, whatever the ports."""
    groups = [
        {
            "targets": [f"{LOCAL}:{plant.fleet.wiring.metrics_ports[f'{name}-{number}']}"],
            "labels": {"service": name, "instance": f"{name}-{number}"},
        }
        for name, wish in plant.wishes.items()
        for number in range(wish.replicas)
    ]
    text = json.dumps(groups, indent=1)
    if not path.exists() or path.read_text() != text:
        write_whole(path, text, 0o644)


async def serve(given: argparse.Namespace) -> None:
    """Start everything, serve until told to stop, stop everything."""
    home: Path = given.home.absolute()
    for name in ("run", "logs", "data", "quarantine", "lake"):
        (home / name).mkdir(parents=True, exist_ok=True)
    tokens = Tokens.model_validate_json(given.tokens.read_text())
    database = given.database or f"sqlite:{home / 'orders.db'}"
    wiring = wire(home, given.seed, database, given.day)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)

    async def back(service: str) -> None:
        await afflictions.returned(service)

    records = Records(home / "controller.db")
    fleet = Fleet(wiring, secrets.token_urlsafe(16), back)
    plant = Plant(records, fleet)
    afflictions = Afflictions(plant)
    runner = web.AppRunner(application(plant, afflictions, tokens), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, LOCAL, given.port, shutdown_timeout=0.5).start()

    async def keep_targets() -> None:
        while True:
            write_targets(given.targets, plant)
            await asyncio.sleep(0.5)

    background = [
        asyncio.create_task(plant.start()),
        asyncio.create_task(keep_targets()),
        asyncio.create_task(afflictions.watch()),
    ]
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({stopped, background[0]}, return_when=asyncio.FIRST_COMPLETED)
    failed = background[0].exception() if background[0].done() else None
    if failed is None:
        await stopped
    for task in background:
        task.cancel()
    await fleet.stop()
    await runner.cleanup()
    records.close()
    if failed is not None:
        raise SystemExit(f"the practice estate could not start: {failed}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m chimera.sandbox.estate.controller")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--database", default="", help="Postgres address, or sqlite:FILE")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--day", type=float, default=600.0, help="seconds in a day of customers")
    parser.add_argument("--tokens", type=Path, required=True)
    parser.add_argument("--targets", type=Path, required=True)
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
