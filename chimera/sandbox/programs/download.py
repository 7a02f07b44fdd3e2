"""Fetching a release where the internet allows it; elsewhere a reason, within twenty seconds."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import platform
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import httpx

from chimera.sandbox.programs.base import Say, locked

TIMEOUT = 20.0
TEMPORAL_RELEASES = "https://temporal.download/cli/default"


def machine() -> str:
    """This machine's architecture in the words of the releases: amd64 or arm64."""
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


async def fetch_temporal_cli(
    folder: Path, say: Say, releases: str = TEMPORAL_RELEASES
) -> Path | str:
    """Temporal's own command, from the place its SDKs use; the path, or why it was not had."""
    say("looking for a download of the Temporal command (20 s at most)")
    query = {"platform": "linux", "arch": machine(), "format": "tar.gz", "sdk-name": "chimera"}
    try:
        async with (
            asyncio.timeout(TIMEOUT),
            httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=True) as http,
        ):
            answer = await http.get(releases, params={**query, "sdk-version": "0"})
            answer.raise_for_status()
            release: dict[str, Any] = answer.json()
            archive = await http.get(str(release["archiveUrl"]))
            archive.raise_for_status()
            async with locked(folder / "download.lock"):
                return _keep(archive.content, str(release["fileToExtract"]), folder / "temporal")
    except TimeoutError:
        return f"download: {releases} did not deliver within {TIMEOUT:g} s"
    except (httpx.HTTPError, KeyError, ValueError, tarfile.TarError) as error:
        return f"download: {releases}: {type(error).__name__}: {error}"


def _keep(archive: bytes, member: str, target: Path) -> Path:
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        content = opened.extractfile(member)
        if content is None:
            raise ValueError(f"the archive has no {member}")
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
            file.write(content.read())
    os.chmod(file.name, 0o755)
    os.replace(file.name, target)
    return target


async def fetch_release(url: str, members: tuple[str, ...], folder: Path, say: Say) -> str | None:
    """Programs out of a release's archive, checked against its sums; None, or why not."""
    archive_name = url.rpartition("/")[2]
    say(f"trying to download {archive_name} ({TIMEOUT:g} s at most)")
    try:
        async with (
            asyncio.timeout(TIMEOUT),
            httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=True) as http,
        ):
            sums = await http.get(url.removesuffix(archive_name) + "sha256sums.txt")
            sums.raise_for_status()
            archive = await http.get(url)
            archive.raise_for_status()
    except TimeoutError:
        return f"download: {url} did not deliver within {TIMEOUT:g} s"
    except httpx.HTTPError as error:
        return f"download: {url}: {type(error).__name__}: {error}"
    if f"{hashlib.sha256(archive.content).hexdigest()}  {archive_name}" not in sums.text:
        return f"download: {url} does not match its sha256sums.txt"
    stem = archive_name.removesuffix(".tar.gz")
    async with locked(folder / "download.lock"):
        try:
            for member in reversed(members):  # the program itself last: it marks completeness
                _keep(archive.content, f"{stem}/{member}", folder / member)
        except (KeyError, ValueError, tarfile.TarError) as error:
            return f"download: {url}: {type(error).__name__}: {error}"
    return None
