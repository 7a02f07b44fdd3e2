"""Prometheus and promtool, Alertmanager and amtool: PATH, cache, download, Debian's packages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from chimera.sandbox.programs import debian, download
from chimera.sandbox.programs.base import Program, Say, cache_folder, missing, on_path, output_of


@dataclass(frozen=True)
class Release:
    """Where a program of the Prometheus project comes from, and the tool that comes with it."""

    name: str
    tool: str
    version: str
    debian: str
    variable: str
    debian_beside: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """Where a downloaded release is kept."""
        return cache_folder() / self.name / self.version

    @property
    def archive(self) -> str:
        """The release's archive."""
        stem = f"{self.name}-{self.version}.linux-{download.machine()}"
        return (
            f"https://github.com/prometheus/{self.name}/releases/download/v{self.version}/"
            f"{stem}.tar.gz"
        )


# What the pages of Debian's Prometheus are made of.
PAGES_NEED = tuple(
    f"libjs-{name}"
    for name in (
        "bootstrap4",
        "d3",
        "eonasdan-bootstrap-datetimepicker",
        "jquery",
        "jquery-hotkeys",
        "moment",
        "moment-timezone",
        "mustache",
        "popper.js",
        "rickshaw",
    )
)

# The same major versions as Debian 12's, so that every way gives the same behaviour.
PROMETHEUS = Release(
    "prometheus", "promtool", "2.53.4", "prometheus", "CHIMERA_PROMETHEUS_URL", PAGES_NEED
)
ALERTMANAGER = Release(
    "alertmanager", "amtool", "0.27.0", "prometheus-alertmanager", "CHIMERA_ALERTMANAGER_URL"
)


async def find(release: Release, say: Say) -> Program:
    """Find or fetch the program; its tool lies beside it (`tool_of`).

    Raises:
        ProgramMissing: none of the ways worked; each is listed with its reason.
    """
    tried: list[str] = []
    for name in (release.name, release.debian):
        if path := on_path(name):
            return await _seen(path, "on PATH")
        tried.append(f"PATH: no `{name}`")
    package = debian.unpacked(release.debian) / "usr" / "bin" / release.debian
    for kept in (release.folder / release.name, package):
        if kept.exists():
            return await _seen(kept, "fetched earlier")
        tried.append(f"cache: no {kept}")
    reason = await download.fetch_release(
        release.archive, (release.name, release.tool), release.folder, say
    )
    if reason is None:
        return await _seen(release.folder / release.name, "downloaded")
    tried.append(reason)
    reason = await debian.unpack(release.debian, say, beside=release.debian_beside)
    if reason is None:
        return await _seen(package, "unpacked from Debian's package")
    tried.append(reason)
    raise missing(
        f"{release.name.capitalize()} (with {release.tool})",
        tried,
        f"Give the address of a running one in {release.variable}, or put `{release.name}` on "
        "PATH (https://prometheus.io/download/).",
    )


def tool_of(program: Program, release: Release) -> Path | None:
    """promtool for Prometheus, amtool for Alertmanager: beside the program, or on PATH."""
    beside = program.path.with_name(release.tool)
    return beside if beside.exists() else on_path(release.tool)


async def _seen(path: Path, how: str) -> Program:
    code, wrote = await output_of([path, "--version"])
    version = re.search(r"version (\S+)", wrote)
    if code or version is None:
        raise missing(
            f"A working {path.name}",
            [f"{path}: `--version` ended with {code}: {wrote.strip()[-200:]}"],
            f"Remove {path} or repair it, then try again.",
        )
    return Program(path, version[1], how)
