"""The planner with a model: the rules look and rank as ever; the model looks further and has a view.

Its looks are kept beside those that are ranked. Whatever it does (nothing, garbage, late, for ever),
the diagnosis of the rules is made first, and comes out as it would without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import structlog

from chimera.agents.base import Call, Investigation, Means, Planner
from chimera.agents.planner import RulePlanner
from chimera.agents.reasoning import prompts
from chimera.agents.reasoning.hypotheses import concluded, opinion, view
from chimera.agents.reasoning.telling import asked, offers, pieces, told
from chimera.domain import Diagnosis, Opinion
from chimera.platform.governance.outbound import GuardedModel, Outbound
from chimera.platform.models import Garbled

if TYPE_CHECKING:
    from chimera.platform.models.dialogue import Dialogue
    from chimera.platform.models.model import LanguageModel

LOOKS = 4  # of the model, in one investigation
SHARE = 0.5  # of its seconds for planning; the rest is for concluding
log = structlog.get_logger(__name__)


class ModelPlanner:
    """Wraps the planner that ranks."""

    def __init__(
        self, model: LanguageModel, outbound: Outbound, rules: Planner | None = None
    ) -> None:
        self._model, self._outbound = model, outbound
        self._rules = rules or RulePlanner()

    async def plan(self, run: Investigation, means: Means) -> Sequence[Call]:
        """The rules' looks; when they want no more, once, those of the model.

        It is asked before it reads anything that others wrote: its plan is fixed by then.
        """
        seen = run.get("seen", {})
        wanted = [call for call in await self._rules.plan(run, means) if call.key not in seen]
        if wanted or not seen or run.get("beside"):
            return wanted
        dialogue = self._dialogue(run, means, SHARE)
        if dialogue is None:
            return ()
        try:
            answer = await GuardedModel(dialogue, self._outbound).complete(
                [*told(run, means, trusted=True), asked(prompts.PLAN.format(looks=LOOKS))],
                offers(means),
            )
        except Exception as error:  # whatever it is, the rules have looked
            log.warning("the model made no plan; the rules' looks are all", reason=str(error))
            return ()
        return [Call(one.name, one.arguments, by="model") for one in answer.calls[:LOOKS]]

    async def conclude(self, run: Investigation, means: Means) -> Diagnosis:
        """The rules' diagnosis, with the model's view beside it where it has one."""
        diagnosis = await self._rules.conclude(run, means)
        opinions = await self._opinions(run, means, diagnosis)
        if not opinions:
            return diagnosis
        summary = f"{diagnosis.summary} {self._outbound.words(view(opinions))}"
        return diagnosis.model_copy(update={"summary": summary, "opinions": opinions})

    async def _opinions(
        self, run: Investigation, means: Means, diagnosis: Diagnosis
    ) -> tuple[Opinion, ...]:
        known = pieces(run)
        dialogue = self._dialogue(run, means, 1 - SHARE)
        if dialogue is None or not known:
            return ()
        model = GuardedModel(dialogue, self._outbound)
        kinds = "|".join(
            sorted({kind.value for card in means.cards for kind in card.mends}) or ["unknown"]
        )
        messages = [
            *told(run, means, trusted=False, diagnosis=diagnosis),
            asked(prompts.CONCLUDE.format(kinds=kinds)),
        ]
        try:
            while True:
                answer = await model.complete(messages)
                try:
                    said = concluded(answer.text, known, means.estate)
                    break
                except Garbled as error:
                    messages += dialogue.repair(error)
        except Exception as error:  # whatever it is, the rules have ranked
            log.warning("the model has no view; the ranking stands alone", reason=str(error))
            return ()
        return tuple(
            opinion(one, diagnosis, run, known, dialogue.version, dialogue.prompt) for one in said
        )

    def _dialogue(self, run: Investigation, means: Means, share: float) -> Dialogue | None:
        """None where the settings give it no time, or none is left."""
        seconds = min(self._model.access.investigation_seconds * share, means.left)
        if seconds <= 0:
            return None
        account = run["task"].incident.id
        return self._model.dialogue(account, "investigation", prompts.INVESTIGATION, seconds)
