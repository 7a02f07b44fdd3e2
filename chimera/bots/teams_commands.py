"""What is answered at once in Teams: commands, and the buttons of the card that they show."""

from __future__ import annotations

from chimera.bots.commands import Inbound, commanded, obeyed
from chimera.bots.ordering import Ordering
from chimera.bots.standing import PAUSE, REFRESH, RESUME, RUN
from chimera.bots.teams_answers import said_plainly
from chimera.bots.teams_elements import Card, Element, button, card, opens, text
from chimera.bots.teams_home import Home
from chimera.bots.teams_presses import Presses
from chimera.domain import Refused
from chimera.platform.orchestration.talk import Heard

USAGE = "home · status · run [runbook] · pause [environment] · resume [environment] · help"
HELP = f"""{USAGE}
home shows what is open and what waits for approval, with buttons; run opens a form.
Or mention me, reply in an incident's thread, or write to me alone, in your own words:
is anything wrong?
show p99 of orders since the deploy
what did we do last time?
restart orders because it leaks"""


class Commands:
    """Without `home` or `ordering` what needs them is not offered."""

    def __init__(
        self, handler: Inbound, presses: Presses, home: Home | None, ordering: Ordering | None
    ) -> None:
        self._handler = handler
        self._presses = presses
        self._home = home
        self._ordering = ordering

    def knows(self, said: str) -> bool:
        words = said.split()
        own = self._shows_home(words) or self._asks_to_run(words)
        return own or commanded(said)

    def on_home(self, verb: str) -> bool:
        return self._home is not None and verb in (PAUSE, RESUME, REFRESH)

    async def answered(self, heard: Heard) -> tuple[str, Card]:
        """(what a notification shows, card). Raises nothing that a person could mend."""
        words = heard.text.split()
        if self._shows_home(words):
            assert self._home is not None
            return await self._home.drawn(heard.team, heard.user)
        if self._asks_to_run(words):
            return self._form(words[1:], heard.team, heard.user)
        if words == ["help"]:
            return "What can be said", card([text(HELP)], self._offers())

        async def obey() -> str:
            return await obeyed(self._handler, heard.text, heard.team, heard.user, USAGE)

        return said_plainly(await self._presses.once(heard.id, obey))

    async def pressed(self, event: str, verb: str, team: str, user: str) -> tuple[str, Card]:
        """A button of the card that shows how things stand: the card as it is after that."""
        assert self._home is not None

        async def do() -> str:
            if verb == PAUSE:
                return await self._handler.pause(None, team, user)
            return await self._handler.resume(None, team, user)

        said = "" if verb == REFRESH else await self._presses.once(event, do)
        return await self._home.drawn(team, user, said)

    def _shows_home(self, words: list[str]) -> bool:
        return self._home is not None and words == ["home"]

    def _asks_to_run(self, words: list[str]) -> bool:
        return self._ordering is not None and words[:1] == ["run"] and len(words) <= 2

    def _form(self, name: list[str], team: str, user: str) -> tuple[str, Card]:
        """A form opens from a button alone: here is one."""
        assert self._ordering is not None
        try:
            self._ordering.offered(team, user)
            known = {"runbook": self._ordering.card(name[0]).name} if name else {}
        except Refused as error:
            return said_plainly(str(error))
        said = (
            f"{' '.join(name) or 'A runbook'}: its form asks with what and why, and shows the plan."
        )
        return "Run a runbook", card([text(said)], [opens("Open the form", RUN, known)])

    def _offers(self) -> list[Element]:
        found = [button("How things stand", REFRESH, {})] if self._home else []
        return found + ([opens("Run a runbook", RUN, {})] if self._ordering else [])
