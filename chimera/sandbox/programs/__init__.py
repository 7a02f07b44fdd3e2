"""Finding the programs Chimera's local stack runs, or making them where they are missing.

In this order: a configured address (then no program is needed), PATH, the user's cache, a download,
Debian's packages unpacked into the cache, a build. Otherwise one error lists what was tried.
"""

from __future__ import annotations

from chimera.sandbox.programs.base import Program, ProgramMissing, Say, silent

__all__ = ["Program", "ProgramMissing", "Say", "silent"]
