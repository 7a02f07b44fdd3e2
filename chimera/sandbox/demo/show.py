"""Running the demo: the stack, the acts, the summary, and everything stopped again."""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from rich.console import Console

import chimera.sandbox
from chimera.platform.store import OrderRecord
from chimera.sandbox.demo.story import Act, follow, warmed_up
from chimera.sandbox.demo.summary import act_table, links
from chimera.sandbox.demo.witness import Witness
from chimera.sandbox.faults.catalogue import FaultDoor, faults
from chimera.sandbox.stack.homes import home_for
from chimera.sandbox.stack.stack import Stack
from chimera.sandbox.stack.state import StackState

HISTORY = Path(chimera.sandbox.__file__).parent / "history.om.xz"
INTERVAL = 5.0  # seconds between two scrapes of the practice estate
WARM_UP = timedelta(seconds=30)  # with a recorded history
WARM_UP_ALONE = timedelta(seconds=240)  # without one


def screen() -> Console:
    """Queries are long: where no terminal says how wide it is, lines may be."""
    console = Console()
    return console if console.is_terminal else Console(width=120)


@dataclass
class Show:
    """One performance."""

    home: Path | None
    fault: str
    target: str | None
    magnitude: float
    approve: Literal["act", "ask"]
    keep: bool
    first_only: bool
    healthy: float
    light: bool
    console: Console = field(default_factory=screen)
    began: float = field(default_factory=time.monotonic)

    def say(self, text: str) -> None:
        self.console.print(
            f"[dim]{time.monotonic() - self.began:6.1f} s[/dim]  {text}", highlight=False
        )

    async def run(self) -> int:
        """The exit code: 0 when every act ended as it should."""
        known = faults()
        if self.fault not in known:
            self.console.print(
                f"there is no fault {self.fault!r}; these are: {', '.join(sorted(known))}",
                style="red",
            )
            return 2
        with home_for(self.home, "chimera-demo-") as home:
            history = HISTORY if HISTORY.is_file() else None
            stack = Stack(home, self.light, history=history, trust=self.approve)
            self.say("starting Temporal, Prometheus, Postgres, Panther Retail and Chimera")
            state = await stack.start(self.say)
            try:
                code = await self.perform(state, recorded=history is not None)
                if self.keep:
                    self.console.print(
                        f"\nEverything goes on until Ctrl-C; in another terminal: "
                        f"export CHIMERA_HOME={home}; chimera status"
                    )
                    await stack.run_forever()
                return code
            finally:
                self.say("stopping everything")
                await stack.stop()

    async def perform(self, state: StackState, recorded: bool) -> int:
        witness = Witness(state)
        door = FaultDoor(state.urls["controller"], state.tokens["faults"])
        try:
            if recorded:
                self.say(
                    "history recorded earlier from the same healthy estate is loaded into Prometheus"
                )
            await warmed_up(
                witness,
                WARM_UP if recorded else WARM_UP_ALONE,
                self.say,
                timedelta(minutes=8),
            )
            acts = [await self.first_act(witness, door)]
            if not self.first_only:
                acts.append(await self.second_act(witness, door))
                acts.append(await self.third_act(witness))
        finally:
            await witness.close()
        self.console.print()
        for act in acts:
            self.console.print(act_table(act, INTERVAL))
            self.console.print()
        links(self.console, state)
        good = [
            acts[0].repaired,
            *(a.repaired for a in acts[1:2]),
            *(not a.incidents for a in acts[2:]),
        ]
        words = [
            "it was repaired",
            "the right change was found",
            "nothing happened while all was well",
        ]
        for fine, what in zip(good, words, strict=False):
            self.console.print(f"  {'[green]yes[/green]' if fine else '[red]NO [/red]'}  {what}")
        return 0 if all(good) else 1

    async def first_act(self, witness: Witness, door: FaultDoor) -> Act:
        fault = faults()[self.fault]
        target = self.target or fault.targets[0]
        self.title(f"Act 1: {fault.summary} ({self.fault} on {target})")
        return await self.act(f"1. {self.fault} on {target}", witness, door, self.fault, target)

    async def second_act(self, witness: Witness, door: FaultDoor) -> Act:
        await door.reset()
        await self.calm(witness)
        self.title(
            "Act 2: a release and a configuration change in the same minute; which one was it?"
        )
        name = "two_changes"
        return await self.act(
            "2. two changes at once", witness, door, name, faults()[name].targets[0]
        )

    async def third_act(self, witness: Witness) -> Act:
        await self.calm(witness)
        self.title(f"Act 3: all is well; for {self.healthy:.0f} s nothing may happen")
        return await follow(
            witness,
            "3. a healthy estate",
            datetime.now(UTC),
            self.line,
            None,
            timedelta(0),
            quiet_for=timedelta(seconds=self.healthy),
        )

    async def act(
        self, name: str, witness: Witness, door: FaultDoor, fault: str, target: str
    ) -> Act:
        injected = datetime.now(UTC)
        magnitude = self.magnitude if fault == self.fault else 1.0
        await door.inject(fault, target, magnitude)
        self.say(f"{fault} was injected; Chimera is not told")
        return await follow(
            witness,
            name,
            injected,
            self.line,
            self.ask if self.approve == "ask" else None,
            timedelta(minutes=8),
        )

    async def calm(self, witness: Witness) -> None:
        """Wait until no incident is open, so that acts do not run into each other."""
        end = time.monotonic() + 180
        while time.monotonic() < end:
            recent = await witness.incidents(datetime.now(UTC) - timedelta(hours=1))
            if all(incident.resolved for incident in recent):
                return
            await asyncio.sleep(1)

    async def ask(self, record: OrderRecord) -> bool:
        """The terminal's person decides; without a terminal the answer is yes, and it is said."""
        plan = record.plan
        assert plan
        self.console.print(f"[yellow]?[/yellow] {plan.does}. Way back: {plan.undo}. Approve? (y/n)")
        if not sys.stdin.isatty():
            self.say("no terminal to ask: approved as the second person")
            return True
        answer: str = await asyncio.to_thread(sys.stdin.readline)
        return answer.strip().lower().startswith("y")

    def title(self, text: str) -> None:
        self.console.print()
        self.console.rule(f"[bold]{text}", align="left")

    def line(self, text: str) -> None:
        self.console.print(f"  {text}", highlight=False, markup=False)
