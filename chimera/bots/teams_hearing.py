"""What people say to Chimera in Teams: mentions, personal chats, replies in threads it talks in."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from chimera.platform.orchestration.talk import Heard

if TYPE_CHECKING:
    from microsoft_teams.api.activities import MessageActivity
    from microsoft_teams.api.models import ActivityBase

CONFIRM, CANCEL = "chimera_confirm", "chimera_cancel"
AT = re.compile(r"<at[^>]*>(.*?)</at>", re.S)


def spoken(activity: MessageActivity) -> Heard | None:
    """What a person has written to Chimera; None for empty ones and talk with somebody else."""
    own = mentions(activity, activity.recipient.id)
    first = AT.match(activity.text.strip())
    if not is_direct(activity) and first is not None and first[0] not in own:
        return None  # people talk with each other
    text = plain(activity.text, own)
    if not text and not is_direct(activity):
        return None  # a picture, a file
    return Heard(id=name_of(activity), kind="message", text=text, **where(activity))


def pressed(activity: ActivityBase, verb: str, data: dict[str, Any]) -> Heard:
    """A button under a question: a yes or a no to exactly that question."""
    return Heard(
        id=name_of(activity),
        kind="press",
        text="yes" if verb == CONFIRM else "no",
        asked=str(data.get("asked", "")),
        button=str(activity.reply_to_id or ""),
        **where(activity),
    )


def where(activity: ActivityBase) -> dict[str, str]:
    """Who and where, of an activity whose token was checked."""
    team, user = actor(activity)
    place, _, root = activity.conversation.id.partition(";messageid=")
    return {"team": team, "user": user, "place": place, "thread": root}


def actor(activity: ActivityBase) -> tuple[str, str]:
    """(tenant, object id): Entra's own, never a name. ("", "") is nobody."""
    data = activity.channel_data
    tenant = data.tenant.id if data and data.tenant else activity.conversation.tenant_id
    user = activity.from_.aad_object_id
    return (tenant.lower(), user.lower()) if tenant and user else ("", "")


def name_of(activity: ActivityBase) -> str:
    """Its name for ever: a personal chat counts its messages by itself."""
    place, _, _ = activity.conversation.id.partition(";messageid=")
    return f"teams-{place}-{activity.id}"


def is_direct(activity: MessageActivity) -> bool:
    personal = activity.conversation.conversation_type == "personal"
    return personal or bool(mentions(activity, activity.recipient.id))


def mentions(activity: MessageActivity, whom: str) -> set[str]:
    """The marks in the text that name this account."""
    found = set()
    for entity in activity.entities or ():
        mentioned = getattr(entity, "mentioned", None)
        if mentioned is not None and mentioned.id == whom:
            found.add(str(getattr(entity, "text", "")))
    return found


def plain(text: str, own: set[str]) -> str:
    """What the person typed: the mention of Chimera left out, others as @name."""
    text = AT.sub(lambda m: "" if m[0] in own else f"@{m[1]}", text)
    return html.unescape(text).replace("\N{NO-BREAK SPACE}", " ").strip()
