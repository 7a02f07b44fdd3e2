"""Values that a question names narrow its answer."""

from __future__ import annotations

import pytest

from chimera.agents.chat.filters import names


@pytest.mark.parametrize(
    ("said", "value", "expected"),
    [
        ("total weight of MSC boxes in port HAM", "MSC", True),
        ("total weight of MSC boxes in port HAM", "HAM", True),
        ("how many bookings from hapag", "Hapag", True),
        ("which customer spent a lot", "a", False),  # one letter is a word
        ("is it in there", "IS", False),  # no country
        ("the hamburger of the day", "HAM", False),
        ("o'brien's orders", "O'Brien", True),
    ],
)
def test_a_value_is_read_as_a_whole_word(said: str, value: str, expected: bool) -> None:
    assert names(said, value) is expected
