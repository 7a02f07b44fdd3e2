"""Prometheus and Alertmanager: the files they read and their commands."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

from chimera.sandbox.programs import debian
from chimera.sandbox.programs.base import Program
from chimera.sandbox.stack.layout import ENVIRONMENT, SCRAPE_SECONDS, Layout
from chimera.sandbox.stack.service import Service, answers

LOOKBACK = "12s"
"""Two missed scrapes end a series: a gap stays a gap instead of being drawn flat for minutes."""


def prometheus(program: Program, layout: Layout) -> Service:
    """Prometheus, with its settings written."""
    folder = layout.home / "prometheus"
    (folder / "rules").mkdir(parents=True, exist_ok=True)
    debian.link_assets(program.path, folder)
    config = folder / "prometheus.yml"
    config.write_text(yaml.safe_dump(prometheus_settings(layout, folder), sort_keys=False))
    if not layout.targets.exists():
        layout.targets.parent.mkdir(parents=True, exist_ok=True)
        layout.targets.write_text("[]")
    port = layout.ports["prometheus"]
    return Service(
        name="prometheus",
        command=(
            str(program.path),
            f"--config.file={config}",
            f"--storage.tsdb.path={folder / 'data'}",
            "--storage.tsdb.retention.time=2d",
            f"--web.listen-address=127.0.0.1:{port}",
            f"--query.lookback-delta={LOOKBACK}",
            "--log.level=warn",
        ),
        ready=answers(f"http://127.0.0.1:{port}/-/ready"),
        folder=folder,
        env={"GOGC": "60"},
        stop_timeout=8,
    )


def prometheus_settings(layout: Layout, folder: Path) -> dict[str, Any]:
    """What is scraped: the estate and Chimera's own processes."""
    scraped: list[dict[str, Any]] = [
        {
            "job_name": "estate",
            "file_sd_configs": [{"files": [str(layout.targets)], "refresh_interval": "5s"}],
        }
    ]
    if layout.with_chimera:
        scraped.append(
            {
                "job_name": "chimera",
                "static_configs": [
                    target(layout.ports["api"], "chimera-api"),
                    target(layout.ports["worker_metrics"], "chimera-worker"),
                ],
            }
        )
    alerting = layout.url("alertmanager").partition("://")
    return {
        "global": {
            "scrape_interval": f"{SCRAPE_SECONDS:g}s",
            "scrape_timeout": "4s",
            "evaluation_interval": f"{SCRAPE_SECONDS:g}s",
            "external_labels": {"environment": ENVIRONMENT},
        },
        "rule_files": [str(folder / "rules" / "*.yml")],
        "alerting": {
            "alertmanagers": [
                {"scheme": alerting[0], "static_configs": [{"targets": [alerting[2]]}]}
            ]
        },
        "scrape_configs": scraped,
    }


def target(port: int, name: str) -> dict[str, Any]:
    """A scrape target whose name does not change with its port."""
    return {
        "targets": [f"127.0.0.1:{port}"],
        "labels": {"service": name, "instance": f"{name}-0"},
    }


def alertmanager(program: Program, layout: Layout) -> Service:
    """Alertmanager, which hands every alert to Chimera."""
    folder = layout.home / "alertmanager"
    folder.mkdir(parents=True, exist_ok=True)
    debian.link_assets(program.path, folder)
    config = folder / "alertmanager.yml"
    config.write_text(yaml.safe_dump(alertmanager_settings(layout), sort_keys=False))
    port = layout.ports["alertmanager"]
    return Service(
        name="alertmanager",
        command=(
            str(program.path),
            f"--config.file={config}",
            f"--storage.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",
            "--log.level=warn",
        ),
        ready=answers(f"http://127.0.0.1:{port}/-/ready"),
        folder=folder,
    )


def alertmanager_settings(layout: Layout) -> dict[str, Any]:
    """Everything to Chimera's webhook, which groups; but Chimera's own trouble to the pager."""
    own: list[dict[str, Any]] = []
    receivers: list[dict[str, Any]] = []
    if layout.with_estate:
        # Who is down cannot take its own alert, and must not repair itself.
        own = [
            {"receiver": "pager", "matchers": ['alertname=~"Chimera.*"']},
            # A budget that burnt slowly fires long after its cause is gone: it is for reading.
            {"receiver": "reading", "matchers": ['alertname=~"Slo.*"', 'severity="ticket"']},
        ]
        receivers = [
            webhook("pager", f"{layout.url('standins')}/page/webhook", "page", layout),
            {"name": "reading"},
        ]
    return {
        "route": {
            "receiver": "chimera",
            "routes": own,
            "group_by": ["alertname", "service"],
            "group_wait": "1s",
            "group_interval": "5s",
            "repeat_interval": "1h",
        },
        "receivers": [
            webhook("chimera", f"{layout.url('api')}/api/v1/alerts", "alertmanager", layout),
            *receivers,
        ],
    }


def webhook(name: str, url: str, secret: str, layout: Layout) -> dict[str, Any]:
    """A receiver that is told by webhook, with a bearer token from a secret file."""
    token = str(layout.secrets_folder / secret)
    authorization = {"type": "Bearer", "credentials_file": token}
    config = {"url": url, "send_resolved": True, "http_config": {"authorization": authorization}}
    return {"name": name, "webhook_configs": [config]}


def forget(layout: Layout) -> None:
    """Drop all that Prometheus has stored."""
    shutil.rmtree(layout.home / "prometheus" / "data", ignore_errors=True)
