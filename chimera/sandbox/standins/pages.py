"""One page a service, for people: what it received."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from jinja2 import Environment, PackageLoader, select_autoescape
from markupsafe import Markup, escape

from chimera.sandbox.standins.interactions import Interactions
from chimera.sandbox.standins.page import Pager
from chimera.sandbox.standins.servicenow import ServiceNow
from chimera.sandbox.standins.slack_views import SlackViews
from chimera.sandbox.standins.workspace import Message, Workspace


class Pages:
    """/servicenow, /slack, /page."""

    def __init__(
        self,
        servicenow: ServiceNow,
        workspace: Workspace,
        interactions: Interactions,
        views: SlackViews,
        pager: Pager,
    ) -> None:
        self._servicenow = servicenow
        self._workspace = workspace
        self._interactions = interactions
        self._views = views
        self._pager = pager
        self._templates = Environment(
            loader=PackageLoader("chimera.sandbox.standins", "web"),
            autoescape=select_autoescape(default=True),
        )
        self._templates.filters["mrkdwn"] = mrkdwn
        self._templates.filters["clock"] = clock

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self.index),
            web.get("/servicenow", self.servicenow),
            web.get("/slack", self.slack),
            web.get("/page", self.page),
        ]

    async def index(self, _: web.Request) -> web.Response:
        raise web.HTTPFound("/slack")

    async def servicenow(self, _: web.Request) -> web.Response:
        return self._render("servicenow.html", {"incidents": self._servicenow.incidents()})

    async def slack(self, _: web.Request) -> web.Response:
        messages = self._workspace.messages()
        heads = [m for m in reversed(messages) if "thread_ts" not in m]
        threads = [(head, replies(head, messages)) for head in heads]
        return self._render(
            "slack.html",
            {
                "threads": threads,
                "users": self._workspace.users,
                "channels": self._workspace.channels,
                "forms": self._views.seen("modal"),
                "homes": self._views.seen("home"),
                "responses": list(reversed(self._interactions.responses()))[:10],
            },
        )

    async def page(self, _: web.Request) -> web.Response:
        return self._render("page.html", {"alerts": self._pager.alerts()})

    def _render(self, name: str, values: Mapping[str, Any]) -> web.Response:
        text = self._templates.get_template(name).render(values)
        return web.Response(text=text, content_type="text/html")


def replies(head: Message, messages: list[Message]) -> list[Message]:
    return [
        m for m in messages if m.get("thread_ts") == head["ts"] and m["channel"] == head["channel"]
    ]


def clock(ts: str) -> str:
    """The time of day of a message."""
    return datetime.fromtimestamp(float(ts), UTC).strftime("%H:%M:%S")


def mrkdwn(text: str) -> Markup:
    """Slack's markup as HTML. Slack's own escapes (&amp; &lt; &gt;) are undone first, once."""
    parts = re.split(r"(<[^<>]+>)", text)
    return Markup("").join(link(p) if p.startswith("<") else plain(p) for p in parts)


def plain(text: str) -> Markup:
    """Text outside links: unescape Slack's three entities, escape for HTML, then bold and code."""
    bare = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    shown = str(escape(bare))
    shown = re.sub(r"`([^`\n]+)`", r"<code>\1</code>", shown)
    shown = re.sub(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])", r"<b>\1</b>", shown)
    return Markup(shown.replace("\n", "<br>"))  # escaped above


def link(markup: str) -> Markup:
    """`<url|text>`, `<@U123>`."""
    target, _, label = markup[1:-1].partition("|")
    if target.startswith(("http://", "https://")):
        return Markup('<a href="{}">{}</a>').format(target, label or target)
    return Markup("{}").format(label or target)
