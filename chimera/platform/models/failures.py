"""How a model can fail. Whoever asks one has another way, the rules: so each is an error of ours.

None of them carries what was sent.
"""

from __future__ import annotations

from chimera.domain import Refused


class BudgetSpent(Refused):
    """The conversation or the day has used what the settings allow."""


class TooLong(Refused):
    """The request does not fit into what the model can read."""


class Unusable(Refused):
    """The model answered, and the answer cannot be used."""


class Garbled(Unusable):
    """What it said cannot be read; it may be told so and try again."""

    def __init__(self, message: str, said: str = "") -> None:
        super().__init__(message)
        self.said = said
