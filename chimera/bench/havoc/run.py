"""The chaos bench as a whole: kills, silence, tickets; results as they come."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from chimera.bench.ground.ground import HISTORY, Ground, standing
from chimera.bench.ground.screen import screen, stamped
from chimera.bench.havoc.kills import Killed, Kills
from chimera.bench.havoc.points import Point
from chimera.bench.havoc.silence import silence
from chimera.bench.havoc.tickets import MODES, tickets
from chimera.sandbox.stack.layout import SCRAPE_SECONDS

# The loop's usual clocks would make forty repairs last for hours; what is tried is the same.
CLOCKS = {
    "CHIMERA__LOOP__SETTLE": "1",
    "CHIMERA__LOOP__VERIFY_WAIT": "1",
    "CHIMERA__LOOP__QUIET": "2",
}
QUIET_FAULT = ("config_errors", "payments")  # for what is tried beside the kills
RECORDED_WARM_UP, LIVE_WARM_UP = 30.0, 180.0  # seconds


@dataclass
class Chaos:
    """One run."""

    points: Sequence[Point]
    seed: int
    json: Path | None = None
    home: Path | None = None
    light: bool = False
    warm_up: float | None = None  # seconds; chosen by whether there is a recorded history
    kills_only: bool = False
    console: Console = field(default_factory=screen)
    missed: int = 0  # faults that led to no repair, so that nothing could be struck
    killed: list[Killed] = field(default_factory=list)
    others: dict[str, list[str]] = field(default_factory=dict)

    def say(self, text: str) -> None:
        stamped(self.console, text)

    async def run(self) -> bool:
        """Whether nothing was found. What was seen is shown and written even if it is cut short."""
        clocks = ", ".join(f"{name.rpartition('__')[2].lower()} {n}" for name, n in CLOCKS.items())
        self.say(
            f"scrape interval {SCRAPE_SECONDS:g} s; loop in scrape intervals: {clocks}; seed {self.seed}"
        )
        try:
            async with standing(self.say, self.home, self.light, settings=CLOCKS) as ground:
                seconds = self.warm_up
                if seconds is None:
                    seconds = RECORDED_WARM_UP if HISTORY.is_file() else LIVE_WARM_UP
                self.say(f"warming up for {seconds:g} s")
                await ground.warm_up(seconds)
                await ground.good_day(reset=False)
                await self.kill(ground)
                if not self.kills_only:
                    await self.rest(ground)
        finally:
            self.show()
        return not any(killed.problems for killed in self.killed) and not any(self.others.values())

    async def kill(self, ground: Ground) -> None:
        kills = Kills(ground)
        for fault, target in sorted({(point.fault, point.target) for point in self.points})[:2]:
            name = f"undisturbed {fault} on {target}"
            self.say(name)
            self.note(name, await kills.measure(fault, target))
        for point in self.points:
            self.say(f"point {point.number} of {len(self.points)}: {point.fault} on {point.target}")
            killed = await kills.play(point)
            for other in self.points[point.number :] or self.points[:1]:
                if not killed.missed:
                    break
                self.missed += 1
                self.say(
                    f"  no repair to strike in; once more, with {other.fault} on {other.target}"
                )
                where = {"fault": other.fault, "target": other.target}
                killed = await kills.play(point.model_copy(update=where))
            self.killed.append(killed)
            blows = ", ".join(f"{s.victim} at {s.seconds:g} s ({s.state})" for s in killed.struck)
            good = "one end, one effect, one record" if not killed.problems else "WRONG"
            self.say(f"  killed {blows}: {good}; {killed.seconds:.0f} s")
            for problem in killed.problems:
                self.say(f"  {problem}")

    async def rest(self, ground: Ground) -> None:
        self.say("Prometheus stopped in the middle of a repair")
        self.note("prometheus stopped", await silence(ground, *QUIET_FAULT))
        for mode, times in MODES:
            self.say(f"ServiceNow: {mode}")
            self.note(f"servicenow {mode}", await tickets(ground, mode, times, *QUIET_FAULT))

    def note(self, name: str, problems: list[str]) -> None:
        self.others[name] = problems
        self.say("  as it must be" if not problems else "  WRONG: " + "; ".join(problems))

    def summary(self) -> dict[str, Any]:
        struck = [blow for killed in self.killed for blow in killed.struck]
        victims = sorted({blow.victim for blow in struck})
        wrong = [killed for killed in self.killed if killed.problems]
        return {
            "points": {v: sum(blow.victim == v for blow in struck) for v in victims},
            "while_it_ran": sum(blow.state in ("proposed", "running") for blow in struck),
            "repairs": len(self.killed),
            "repaired": sum(killed.repaired for killed in self.killed),
            "missed": self.missed,
            "points_wrong": len(wrong),
            "others": {name: not problems for name, problems in self.others.items()},
            "passed": not wrong and not any(self.others.values()),
        }

    def show(self) -> None:
        table = Table(title="chimera bench chaos", title_justify="left")
        for name in ("what", "repaired", "problems"):
            table.add_column(name, overflow="fold")
        for killed in self.killed:
            blows = ", ".join(f"{s.victim} {s.seconds:g} s" for s in killed.struck)
            what = f"{killed.point.number}: {killed.point.fault} on {killed.point.target}: {blows}"
            table.add_row(what, str(killed.repaired), "; ".join(killed.problems) or "none")
        for name, problems in self.others.items():
            table.add_row(name, "", "; ".join(problems) or "none")
        self.console.print(table)
        found = self.summary()
        for name, value in found.items():
            self.say(f"{name}: {value}")
        if self.json:
            whole = {
                "header": {
                    "at": datetime.now(UTC).isoformat(timespec="seconds"),
                    "seed": self.seed,
                    "scrape_interval_seconds": SCRAPE_SECONDS,
                    "clocks": CLOCKS,
                },
                "summary": found,
                "cases": [killed.model_dump(mode="json") for killed in self.killed]
                + [{"what": name, "problems": what} for name, what in self.others.items()],
            }
            self.json.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n")
            self.say(f"written to {self.json}")
