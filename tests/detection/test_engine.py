"""Where the engine saves memory or time, its answers are those of the plain way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from chimera.bench.numenta.normal import healthy
from chimera.detection.base import Block, Floats
from chimera.detection.engine.memory import DAY_SLOTS, MIRROR, Memory
from chimera.detection.engine.nearest import keep, nearest_of_all
from chimera.detection.engine.season import season
from chimera.detection.engine.settings import CHOSEN, Settings
from chimera.detection.engine.sift import CODED, ROOM, WIDTH, nearest, sift
from chimera.detection.engine.week import ROW, go_on, remember
from chimera.detection.ensemble import Ensemble

STEP = 300.0


def awkward(time: int) -> Floats:
    """What one byte a value cannot tell apart, or not always."""
    random = np.random.default_rng(4)
    noise, clock = random.normal(size=time), np.arange(time)
    return np.array(
        [
            np.full(time, 3.0),
            np.round(noise),
            np.where(clock % 2, 0.0, 100.0) + 1e-3 * noise,  # two narrow bands far apart
            np.where(clock % 300 == 7, 1e9 * noise, noise),  # spikes
            np.exp(3 * noise),
            np.cumsum(noise),
            np.where(clock < time // 2, 0.0, 100.0 + noise),
            1e17 * noise,
            1e-25 * noise,
            1.0 * clock,
        ]
    )


def test_codes_find_what_looking_at_every_stretch_finds() -> None:
    array = np.concatenate([awkward(4400), healthy(22, 4400, STEP, 12)])
    window, lowest = np.empty(MIRROR, np.float32), np.empty(WIDTH, np.uint16)
    near, state, at, sifted = np.empty(ROOM, np.uint16), Memory.fresh(len(array)), 0, 0
    for until in (9, 30, 41, 300, 1999, 2000, 2002, 2003, 2100, 3333, 4000, 4001, 4321):
        Ensemble().look(Block.of(array[:, at:until], step=STEP), state)
        at = until
        for record, value in zip(state.copy().records, array[:, at], strict=True):
            assert keep(record, np.float32(value - record["anchor"]), CHOSEN, window)
            likely = sift(record, CHOSEN, window, near, lowest)
            found = nearest(record, CHOSEN, window, near, lowest, likely)
            assert found == nearest_of_all(record, CHOSEN, window)
            sifted += 1
    assert sifted == 13 * len(array)
    assert CHOSEN.window == CODED


def test_the_season_is_that_of_a_plain_table_of_parts() -> None:
    random = np.random.default_rng(1)
    record = Memory.fresh(1).records[0]
    room, folded = np.empty(64, np.float32), np.empty((2, 27 * ROW), np.float32)
    seen: dict[int, list[float]] = {}
    slot = record["slot"] = 40 * DAY_SLOTS
    for turn in range(6000):
        gap = 4000 if turn == 4800 else 500 if turn == 3500 else int(random.integers(0, 4))
        slot += gap
        value: Any = np.float32(random.normal())
        go_on(record, slot)
        closest = []
        for back in range(1, CHOSEN.days + 1):
            middle = slot - back * DAY_SLOTS
            parts = range(middle - CHOSEN.around, middle + CHOSEN.around + 1)
            away = [max(min(s) - value, value - max(s), 0) for p in parts if (s := seen.get(p))]
            if away:
                closest.append(np.float32(min(away)))
        expected = np.quantile(np.array(closest, float), CHOSEN.agree) if closest else -1.0
        assert season(record, value, CHOSEN, room, folded) == pytest.approx(expected, abs=1e-6)
        remember(record, value)
        seen.setdefault(slot, []).append(float(value))


def test_settings_that_there_is_no_room_for_are_refused() -> None:
    for wrong in (Settings(memory=4000), Settings(days=8), Settings(around=24), Settings(recent=0)):
        with pytest.raises(ValueError, match="there is room for 1 to"):
            Ensemble(wrong)
