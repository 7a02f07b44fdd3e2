"""The estate bench as a whole: ground, warm-up, cases, results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from chimera.bench.ground.ground import HISTORY, Ground, standing
from chimera.bench.ground.screen import screen, stamped
from chimera.bench.trial import report
from chimera.bench.trial.cases import Case
from chimera.bench.trial.follow import play
from chimera.bench.trial.judge import Verdict
from chimera.bench.trial.summary import row, summary
from chimera.sandbox.stack.layout import SCRAPE_SECONDS

DAY_SECONDS = 600.0  # the controller's default, of the practice estate's customers
RECORDED_WARM_UP, LIVE_WARM_UP = 30.0, 300.0  # seconds


@dataclass(frozen=True)
class Bench:
    """One run."""

    cases: Sequence[Case]
    results: Path  # a line a case; cases that are there already are left out
    json: Path | None = None
    home: Path | None = None
    light: bool = False
    warm_up: float | None = None  # seconds; chosen by whether there is a recorded history
    console: Console = field(default_factory=screen)

    def say(self, text: str) -> None:
        stamped(self.console, text)

    @property
    def header(self) -> dict[str, Any]:
        recorded = HISTORY.is_file()
        warm_up = self.warm_up
        if warm_up is None:
            warm_up = RECORDED_WARM_UP if recorded else LIVE_WARM_UP
        return {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "scrape_interval_seconds": SCRAPE_SECONDS,
            "day_seconds": DAY_SECONDS,
            "warm_up_seconds": warm_up,
            "recorded_history": recorded,
        }

    async def run(self) -> dict[str, Any]:
        """The summary. Every verdict is kept when it is there, so that a run can be resumed."""
        header = self.header
        self.say(
            f"scrape interval {header['scrape_interval_seconds']:g} s; a day lasts "
            f"{DAY_SECONDS:g} s; warm-up {header['warm_up_seconds']:g} s, "
            + ("recorded history loaded before" if header["recorded_history"] else "live")
        )
        done = report.kept(self.results)
        left = [case for case in self.cases if case.key not in done]
        self.say(f"{len(self.cases)} cases, {len(self.cases) - len(left)} done before")
        self.say(f"results are kept in {self.results}; --resume {self.results} goes on from there")
        try:
            if left:
                async with standing(self.say, self.home, self.light) as ground:
                    await self.all_of(ground, left, header["warm_up_seconds"], done)
        finally:
            verdicts = [done[case.key] for case in self.cases if case.key in done]
            self.show(header, verdicts)
        return summary(verdicts)

    async def all_of(
        self, ground: Ground, left: Sequence[Case], warm_up: float, done: dict[str, Verdict]
    ) -> None:
        self.say(f"warming up for {warm_up:g} s")
        await ground.warm_up(warm_up)
        good = await ground.controller.targets()
        reset = False
        for number, case in enumerate(left, 1):
            calm = await ground.good_day(reset)
            where = f"{case.fault} on {case.target}, magnitude {case.magnitude:g}"
            self.say(f"case {number} of {len(left)}: {where}, seed {case.seed}")
            verdict = await play(ground, case, good, shaky=not calm)
            report.keep(self.results, verdict)
            done[case.key] = verdict
            line = row(verdict)
            # What a proved repair left behind is healthy already.
            reset = line["outcome"] not in ("repaired", "left alone") or verdict.changed
            delay = "-" if line["delay"] is None else f"{line['delay']:.1f} intervals"
            self.say(
                f"  {line['outcome']}; delay {delay}; expected {line['expected_cause']}, "
                f"named {line['named_cause']}; {verdict.seconds:.0f} s"
                + "".join(f"; WRONG: {text}" for text in verdict.wrong_changes)
                + (f"; FALSE incidents: {verdict.false_incidents}" * bool(verdict.false_incidents))
            )

    def show(self, header: dict[str, Any], verdicts: Sequence[Verdict]) -> None:
        if not verdicts:
            return
        self.console.print(report.table(verdicts))
        for text in report.lines(summary(verdicts)):
            self.say(text)
        if self.json:
            report.write(self.json, header, verdicts)
            self.say(f"written to {self.json}")
