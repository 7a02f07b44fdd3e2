"""Where incidents are told: ServiceNow, Slack, a pager."""

from __future__ import annotations

from chimera.platform.settings.section import Secret, Section


class ServiceNow(Section):
    url: str
    user: str
    password: Secret
    assignment_group: str = ""


class Slack(Section):
    token: Secret  # bot token
    signing_secret: Secret
    channel: str
    api_url: str = "https://slack.com/api/"


class Page(Section):
    url: str
    token: Secret | None = None
