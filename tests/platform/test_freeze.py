"""A freeze's moments are compared with aware ones: one without an offset is refused at the door."""

from __future__ import annotations

from pathlib import Path

import pytest

from chimera.domain import Misconfigured
from chimera.platform.settings import load_settings


def test_a_freeze_without_an_offset_is_one_clear_line(tmp_path: Path) -> None:
    file = tmp_path / "chimera.toml"
    freeze = "[[policy.freezes]]\nbegins = 2026-12-24T00:00:00{0}\nends = 2026-12-27T00:00:00Z\n"
    file.write_text(freeze.format(""))
    with pytest.raises(Misconfigured, match=r"line 2: .*begins .*no offset.*00:00Z$") as wrong:
        load_settings(file)
    assert "\n" not in str(wrong.value)
    file.write_text(freeze.format("+01:00"))
    assert load_settings(file).policy.freezes[0].begins.utcoffset()
