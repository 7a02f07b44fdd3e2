"""The incident loop's clocks, as a workflow carries them."""

from __future__ import annotations

from datetime import timedelta

from chimera.domain.base import Value
from chimera.platform.settings import Settings


class Pace(Value):
    """Counts are scrape intervals."""

    interval: float = 5.0  # seconds
    settle: int = 3
    quiet: int = 4
    attempts: int = 3

    @classmethod
    def of(cls, settings: Settings) -> Pace:
        loop = settings.loop
        return cls(
            interval=settings.prometheus.scrape_interval,
            settle=loop.settle,
            quiet=loop.quiet,
            attempts=loop.attempts,
        )

    def intervals(self, count: float) -> timedelta:
        return timedelta(seconds=self.interval * count)
