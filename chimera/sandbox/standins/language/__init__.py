"""A stand-in for a language model's server: OpenAI's chat completions over a real socket."""

from chimera.sandbox.standins.language.server import Language

__all__ = ["Language"]
