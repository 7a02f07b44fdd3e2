"""Language models behind an OpenAI-compatible address: within a budget, counted, never trusted.

`model.LanguageModel` is the way in; it is imported where a model is configured, since its client
takes a second to load.
"""

from chimera.platform.models.failures import BudgetSpent, Garbled, TooLong, Unusable

__all__ = ["BudgetSpent", "Garbled", "TooLong", "Unusable"]
