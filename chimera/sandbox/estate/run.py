"""Run one process of the estate: `python -m chimera.sandbox.estate.run orders --number 0 ...`."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import os
import signal
import threading
from contextlib import suppress
from pathlib import Path

from aiohttp import web

from chimera.sandbox.estate.desired import Wiring, wiring_file, write_whole
from chimera.sandbox.estate.door import control_application, metrics_application
from chimera.sandbox.estate.replica import Place, Replica
from chimera.sandbox.estate.serve import application
from chimera.sandbox.estate.service import Service
from chimera.sandbox.estate.spec import SERVICES

LOCAL = "127.0.0.1"


async def listen(app: web.Application, port: int, share: bool) -> tuple[web.AppRunner, int]:
    """Serve on localhost; `share` lets replicas have one port, and the kernel spreads callers."""
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    site = web.TCPSite(runner, LOCAL, port, reuse_port=share or None, shutdown_timeout=2.0)
    await site.start()
    address = runner.addresses[0]
    return runner, int(address[1])


async def watch_disk(replica: Replica) -> None:
    while True:
        replica.quota.measure()
        await asyncio.sleep(2)


def load_service(replica: Replica) -> Service:
    """The class that a service's module calls `SERVICE`."""
    module = importlib.import_module(f"chimera.sandbox.estate.{replica.place.service}")
    made: Service = module.SERVICE(replica)
    return made


async def live(place: Place, home: Path, secret: str) -> None:
    """Open, say where the door is, serve until told to drain, close."""
    wiring = Wiring.model_validate_json(wiring_file(home).read_text())
    replica = Replica(place, wiring)
    service = load_service(replica)
    drained = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, drained.set)

    def terminate(*_: object) -> None:
        # Also when the event loop is stuck: nothing may outlive the controller.
        timer = threading.Timer(2.0, os._exit, (0,))
        timer.daemon = True
        timer.start()
        os.kill(os.getpid(), signal.SIGUSR1)

    signal.signal(signal.SIGTERM, terminate)
    await service.open()
    if service.pool is not None:
        service.pool.number = replica.wish.pool_generation
        replica.ailments.leak_connection = service.pool.leak
    runners: list[web.AppRunner] = []
    if not service.passive:
        port = wiring.ports[place.service]
        runners.append((await listen(application(replica, service), port, True))[0])
    port = wiring.metrics_ports[place.instance]
    runners.append((await listen(metrics_application(replica), port, True))[0])
    control, door = await listen(
        control_application(replica, service, secret, drained.set), 0, False
    )
    ready = home / "run" / f"{place.instance}.{place.generation}.ready"
    write_whole(ready, json.dumps({"pid": os.getpid(), "door": door}))
    replica.log.info(f"started release {replica.wish.release}")
    tasks = [asyncio.create_task(service.run()), asyncio.create_task(watch_disk(replica))]
    await drained.wait()
    for runner in (*runners, control):  # stops listening first, then lets requests finish
        await runner.cleanup()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    with suppress(Exception):  # what cannot be closed goes with the process
        await service.close()
    await replica.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m chimera.sandbox.estate.run")
    parser.add_argument("service", choices=sorted(SERVICES))
    parser.add_argument("--number", type=int, required=True)
    parser.add_argument("--generation", type=int, required=True)
    parser.add_argument("--home", type=Path, required=True)
    given = parser.parse_args()
    secret = os.environ.pop("CHIMERA_ESTATE_DOOR", "")
    asyncio.run(live(Place(given.service, given.number, given.generation), given.home, secret))


if __name__ == "__main__":
    main()
