"""Units of measured values, and values written with them."""

from __future__ import annotations

import math

PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
LENGTHS = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"))
BYTES = ((2.0**40, "TiB"), (2.0**30, "GiB"), (2.0**20, "MiB"), (2.0**10, "KiB"))


def number(value: float, unit: str = "", step: float = 0.0) -> str:
    """A value with its unit, as short as it can be told: 12.5 k, 340 ms, 1.2 GiB, 4.1 %."""
    if not math.isfinite(value):
        return "-"
    if value == 0:
        return "0"
    if unit == "share":
        return f"{_short(value * 100, step * 100)} %"
    if unit == "seconds":
        return _seconds(value, step)
    table = BYTES if unit in ("bytes", "bytes/s") else PREFIXES
    for size, name in table:
        if abs(value) >= size:
            tail = "/s" if unit == "bytes/s" else _spaced(unit) if table is PREFIXES else ""
            return f"{_short(value / size, step / size)} {name}{tail}"
    return _short(value, step) + _spaced({"bytes": "B", "bytes/s": "B/s"}.get(unit, unit))


def lasted(seconds: float | None) -> str:
    """How long something took, as reports tell it: 90 s, 12.5 min; "-" where it is not known."""
    if seconds is None:
        return "-"
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.1f} min"


def span(seconds: float) -> str:
    """A stretch of time in its largest unit, with a decimal below three: 40 s, 1.5 h, 7 d."""
    seconds = max(seconds, 0.0)
    for size, unit in LENGTHS:
        if seconds >= size:
            whole = seconds / size
            digits = 0 if whole >= 3 or whole == int(whole) else 1
            return f"{whole:.{digits}f} {unit}"
    return f"{seconds:.0f} s"


def _spaced(unit: str) -> str:
    return f" {unit}" if unit and unit[0] not in "/%" else unit


def _seconds(value: float, step: float) -> str:
    for size, name in LENGTHS:
        if abs(value) >= 2 * size:
            return f"{_short(value / size, step / size)} {name}"
    if abs(value) >= 1 or value == 0:
        return f"{_short(value, step)} s"
    if abs(value) >= 1e-3:
        return f"{_short(value * 1e3, step * 1e3)} ms"
    return f"{_short(value * 1e6, step * 1e6)} us"


def _short(value: float, step: float = 0.0) -> str:
    """Three digits, or as many as tell one tick from the next."""
    if value == 0:
        return "0"
    digits = 3
    if step > 0:
        digits = max(math.floor(math.log10(abs(value))) - math.floor(math.log10(step)) + 2, 1)
    text = f"{value:.{min(max(digits, 1), 12)}g}"
    if "e" in text and 1e-4 <= abs(value) < 1e6:
        text = f"{value:.0f}"
    return text
