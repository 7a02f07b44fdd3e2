"""What an address understands, learnt from its refusals: no two servers speak quite the same.

Asked for tools, Ollama refuses a model that has none, vLLM one started without a parser, llama.cpp
one without `--jinja`; some refuse `stream_options`, newer hosted models a `temperature`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import openai

from chimera.platform.models.translating import said_by
from chimera.platform.settings import Model as Access

TOOLS = re.compile(r"\btools?\b|tool.choice|function.call", re.I)
COUNTED = re.compile(r"stream_options|include_usage", re.I)
WARM = re.compile(r"temperature", re.I)
STREAM = re.compile(r"\bstream(?:ing)?\b", re.I)


@dataclass
class Manners:
    """How to speak to one address."""

    tools: bool
    stream: bool
    temperature: float | None
    counted: bool = True  # asks for the usage at the end of a stream
    fixed: bool = False  # the settings say how tools are asked for

    @classmethod
    def of(cls, access: Access) -> Manners:
        return cls(
            access.tools != "json", access.stream, access.temperature, fixed=access.tools != "auto"
        )

    @property
    def key(self) -> tuple[bool, bool, float | None]:
        """What a client is built with."""
        return self.stream, self.counted, self.temperature

    def learn(self, error: Exception) -> bool:
        """Whether the refusal taught something, so that asking again makes sense at once."""
        if not isinstance(error, openai.APIStatusError) or error.status_code in (
            401,
            403,
            404,
            429,
        ):
            return False
        text = said_by(error)
        if self.counted and COUNTED.search(text):
            self.counted = False
        elif self.tools and not self.fixed and TOOLS.search(text):
            self.tools = False
        elif error.status_code >= 500:
            return False
        elif self.temperature is not None and WARM.search(text):
            self.temperature = None
        elif self.stream and STREAM.search(text):
            self.stream = False
        else:
            return False
        return True
