"""The Temporal server: the CLI on PATH, the one built earlier, a download, or a build."""

from __future__ import annotations

from pathlib import Path

from chimera.sandbox.programs.base import Program, Say, cache_folder, missing, on_path, output_of
from chimera.sandbox.programs.download import fetch_temporal_cli
from chimera.sandbox.programs.golang import build

VERSION = "v1.32.1"
MODULE = f"go.temporal.io/server/cmd/server@{VERSION}"

REMEDY = (
    "Give an address of your own in CHIMERA_TEMPORAL_ADDRESS, put the `temporal` command on PATH "
    "(https://docs.temporal.io/cli), or install Go 1.21 or newer (https://go.dev/dl) and try again."
)


def built_path() -> Path:
    """Where a build is kept."""
    return cache_folder() / "temporal" / VERSION / "server"


async def find(say: Say) -> Program:
    """Find or make a Temporal server.

    Raises:
        ProgramMissing: none of the ways worked; each is listed with its reason.
    """
    tried: list[str] = []
    if command := on_path("temporal"):
        code, version = await output_of([command, "--version"])
        if code == 0:
            return Program(command, version.strip().splitlines()[0], "on PATH")
        tried.append(f"{command}: `--version` ended with {code}")
    else:
        tried.append("PATH: no `temporal` command")
    for kept in (built_path(), built_path().parent.parent / "cli" / "temporal"):
        if kept.exists():
            return Program(kept, VERSION if kept.name == "server" else "cli", "built earlier")
        tried.append(f"cache: no {kept}")
    downloaded = await fetch_temporal_cli(built_path().parent.parent / "cli", say)
    if isinstance(downloaded, Path):
        return Program(downloaded, "cli", "downloaded")
    tried.append(downloaded)
    reason = await build(MODULE, built_path(), say)
    if reason is None:
        return Program(built_path(), VERSION, "built from the Go module proxy")
    tried.append(reason)
    raise missing("A Temporal server", tried, REMEDY)
