"""Workflows that began under an earlier release go on under this one."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from chimera.flows.incident import IncidentWorkflow
from chimera.flows.watch import WatchWorkflow
from chimera.platform.orchestration.tell import TellWorkflow
from chimera.runbooks.workflow import RunbookWorkflow

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.json.gz"))


def stored(path: Path) -> WorkflowHistory:
    history = WorkflowHistory.from_json("", gzip.decompress(path.read_bytes()).decode())
    began = history.events[0].workflow_execution_started_event_attributes
    return WorkflowHistory(began.workflow_id, history.events)


def test_there_are_histories() -> None:
    assert len(HISTORIES) >= 5


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.name.split(".")[0])
async def test_a_stored_history_replays(path: Path) -> None:
    replayer = Replayer(
        workflows=[IncidentWorkflow, RunbookWorkflow, TellWorkflow, WatchWorkflow],
        data_converter=pydantic_data_converter,
    )
    await replayer.replay_workflow(stored(path))
