"""Whether this installation can run the practice estate."""

from __future__ import annotations

from chimera.cli.doctor.check import Check, Result, missing, ok
from chimera.platform.settings import Settings
from chimera.sandbox import extra


async def look_at_sandbox(settings: Settings) -> Result:
    if why := extra.lacking():
        return missing("sandbox", why, f"for `chimera up` and `chimera demo`: {extra.REMEDY}")
    return ok("sandbox", "the practice estate can run here")


sandbox = Check("sandbox", look_at_sandbox, 80)
