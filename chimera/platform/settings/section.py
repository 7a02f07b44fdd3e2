"""What a table of the file is, and how a secret is named in it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from chimera.domain import Misconfigured
from chimera.platform.addresses import PORTS, check_address

Address = Annotated[str, AfterValidator(check_address)]  # http or https
Port = Annotated[int, Field(ge=PORTS[0], le=PORTS[-1])]


class Section(BaseModel):
    """A table of the file; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Secret(str):
    """A reference to a secret, `env:NAME` or `file:PATH`. `reveal()` reads it; printing shows the reference."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(cls.parse, core_schema.str_schema())

    @classmethod
    def parse(cls, value: str) -> Secret:
        if not value.startswith(("env:", "file:")):
            raise ValueError("secrets are given by reference: env:NAME or file:PATH")
        return cls(value)

    def reveal(self) -> str:
        """The secret itself. Raises Misconfigured when the variable or the file is not there."""
        kind, _, where = self.partition(":")
        if kind == "env":
            if where not in os.environ:
                raise Misconfigured(
                    f"the environment variable {where} is not set; set it to the secret"
                )
            return os.environ[where]
        try:
            return Path(where).read_text().strip()
        except OSError as error:
            raise Misconfigured(
                f"the secret file {where} cannot be read: {error.strerror}"
            ) from error
