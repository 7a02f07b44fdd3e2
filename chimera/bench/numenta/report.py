"""What `chimera bench nab` prints, and the same as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table
from rich.text import Text

from chimera.bench.numenta.calibrated import Calibrated
from chimera.bench.numenta.peers import PEERS
from chimera.bench.numenta.verdict import Alarms, Figures
from chimera.detection.engine.settings import Settings


@dataclass(frozen=True)
class Report:
    """Everything a run found; without windows there are no figures."""

    files: int
    rows: int
    seconds: float
    settings: Settings
    frozen: float  # decades
    figures: Sequence[Figures] = ()
    alarms: Alarms | None = None
    calibrated: Sequence[Calibrated] = ()
    inside: float | None = None  # share of healthy points in the expected band

    def as_json(self) -> dict[str, Any]:
        return {
            "files": self.files,
            "rows": self.rows,
            "seconds": round(self.seconds, 2),
            "settings": self.settings._asdict(),
            "frozen_decades": self.frozen,
            "profiles": {f.profile: asdict(f) for f in self.figures},
            "at_frozen_threshold": asdict(self.alarms) if self.alarms else None,
            "calibration": [asdict(c) for c in self.calibrated],
            "inside_band": self.inside,
            "thinning": thinning(self.settings),
            "peers": [peer._asdict() for peer in PEERS],
        }


def thinning(settings: Settings) -> str:
    """How alarms are made few, in words."""
    return (
        f"after an alarm, {settings.hold:g} rows stay quiet unless {settings.rise:g} times as "
        "surprising as it; quiet rows are written with a thousandth of their surprise. This "
        "happens as rows come in, so the written score is what any scorer thresholds."
    )


def scores(report: Report) -> Table:
    """The figures beside the peers'."""
    shown = Table(title="NAB, streamed row by row, one set of settings", title_justify="left")
    shown.add_column("")
    for name in ("best", "frozen", "left out"):
        shown.add_column(name, justify="right")
    for found in report.figures:
        numbers = (found.best, found.frozen, found.left_out)
        shown.add_row(f"Chimera, {found.profile}", *(f"{n:.1f}" for n in numbers))
    for peer in PEERS:
        known = [(peer.development, "34 files"), (peer.everything, "all 58")]
        told = ", ".join(f"{score:.1f} on {which}" for score, which in known if score is not None)
        shown.add_row(f"{peer.name}, standard, published", Text(told), "", "")
    return shown


def words(report: Report) -> list[str]:
    """The lines under the table."""
    rate = report.rows / report.seconds if report.seconds else 0.0
    said = [
        f"{report.files} files, {report.rows:,} rows in {report.seconds:.1f} s "
        f"({rate:,.0f} a second, each a block of its own).",
        "Best: the threshold that scores highest on these files. Frozen: the one that comes with "
        f"Chimera, {report.frozen:g} decades. Left out: each category with the best threshold of "
        "the others.",
        f"Thinning: {thinning(report.settings)}",
    ]
    if report.alarms and report.alarms.windows:
        a = report.alarms
        said.append(
            f"At the frozen threshold: {a.found} of {a.windows} anomalies found, {a.late:+.0f} "
            f"rows from the labelled moment (median), {a.false} false alarms in {a.rows:,} rows."
        )
    if report.calibrated:
        counted = ", ".join(
            f"{c.decades:g} decades: {c.seen:.2g} of points (meant {c.expected:.2g})"
            for c in report.calibrated
        )
        said.append(f"Calibration on healthy series: {counted}.")
    if report.inside is not None:
        said.append(f"Inside the expected band: {report.inside:.2%} of healthy points.")
    return said
