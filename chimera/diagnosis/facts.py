"""What a diagnosis can tell a runbook: the names that `Suspect.facts` may hold.

A runbook's parameters are filled by these names, so one that needs another name is never proposed.
"""

from __future__ import annotations

FACTS = {
    "service": "what is to blame: a service, or the node of a pipeline",
    "step": "the pipeline step that runs it or puts it right",
    "dataset": "the dataset that is bad, late, double or not written",
    "release": "the release that is to blame",
    "key": "the setting that is to blame",
    "value": "what the setting to blame was set to",
    "back_to": "what release or setting was there before",
    "replicas": "how many there should be for the work that is asked for",
    "upstream": "whom the refused credential is shown to",
}
