"""Where incidents are told: ServiceNow, Slack, Teams, a pager."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from chimera.platform.settings.section import Address, Secret, Section


class ServiceNow(Section):
    url: Address
    user: str
    password: Secret
    assignment_group: str = ""


class Slack(Section):
    token: Secret  # bot token
    signing_secret: Secret | None = None  # of requests that Slack sends here
    app_token: Secret | None = None  # Socket Mode: then Slack needs no address of ours
    channel: str
    api_url: Address = "https://slack.com/api/"

    @model_validator(mode="after")
    def _something_comes_in(self) -> Self:
        if self.signing_secret is None and self.app_token is None:
            raise ValueError(
                "nothing can come in from Slack: set signing_secret (requests that it sends to "
                "Chimera) or app_token (Socket Mode, which needs no address)"
            )
        return self


class Teams(Section):
    """A bot in one channel of one team, or a plain webhook that only tells.

    The addresses are those of the public cloud.
    """

    app_id: str = ""  # of the bot's registration
    app_password: Secret | None = None
    tenant: str = ""
    team: str = ""  # the id of the team's group
    channel: str = ""
    webhook: Secret | None = None  # its address is all that it takes to write there
    service_url: Address = "https://smba.trafficmanager.net/teams/"
    login_url: Address = "https://login.microsoftonline.com/"
    openid_url: Address = "https://login.botframework.com/v1/.well-known/openidconfiguration"
    graph_url: Address = "https://graph.microsoft.com/v1.0/"
    web_url: Address = "https://teams.microsoft.com/"

    @model_validator(mode="after")
    def is_a_bot_or_a_webhook(self) -> Self:
        bot = ("app_id", "app_password", "tenant", "team", "channel")
        missing = [name for name in bot if not getattr(self, name)]
        if self.webhook is not None and len(missing) < len(bot):
            raise ValueError("a webhook and a bot would tell twice; give one of them")
        if self.webhook is None and missing:
            raise ValueError(
                f"a bot needs {', '.join(missing)} too; or give a webhook, which only tells"
            )
        return self


class Page(Section):
    url: Address
    token: Secret | None = None
