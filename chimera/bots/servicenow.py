"""Tell ServiceNow: one incident, work notes as it goes, resolved with cause."""

from __future__ import annotations

from typing import ClassVar, Self

from chimera.bots.delivery import Delivery
from chimera.domain import Notice, Picture, Unavailable
from chimera.platform import settings as sections
from chimera.platform.store.notes import Notes
from chimera.platform.ticketing.servicenow import ServiceNow, Ticket

# Urgency and impact by priority; ServiceNow's own table makes the same priority of them again.
WEIGHTS = {
    "P1": (1, 1),
    "P2": (1, 2),
    "P3": (2, 2),
    "P4": (2, 3),
    # Of notices that tell no priority: their severity.
    "page": (1, 1),
    "ticket": (2, 2),
}
DEFAULT_CLOSE_CODE = "Solution provided"


class ServiceNowChannel:
    """Notices as ServiceNow incidents. Any notice opens the incident if none did before."""

    name: ClassVar[str] = "servicenow"

    def __init__(self, section: sections.ServiceNow, notes: Notes) -> None:
        self._servicenow = ServiceNow(section)
        self._delivery = Delivery(self.name, notes)

    @classmethod
    def offered(cls, settings: sections.Settings, notes: Notes) -> Self | None:
        return cls(settings.servicenow, notes) if settings.servicenow else None

    async def send(self, notice: Notice) -> str | None:
        """Write it once; the ticket's number. Raises Unavailable, Refused."""
        async with self._delivery.alone(notice.incident):
            number = await self._delivery.get(f"sent:{notice.id}")
            if number is None:
                ticket = await self._ticket(notice)
                await self._write(ticket, notice)
                number = ticket.number
                await self._delivery.put(f"sent:{notice.id}", number)
            return number

    async def show(self, notice: Notice, picture: Picture) -> None:
        """Attach a picture to the incident's ticket, once. Raises Unavailable, Refused."""
        if await self._delivery.get(f"sent:{notice.id}"):
            return
        known = await self._delivery.get(f"ticket:{notice.incident}")
        if known is None:
            raise Unavailable(
                "ServiceNow", "take a picture", f"{notice.incident} has no ticket yet"
            )
        ticket = Ticket.model_validate_json(known)
        await self._servicenow.attach(ticket, picture.name, "image/png", picture.content)
        await self._delivery.put(f"sent:{notice.id}", ticket.number)

    async def _ticket(self, notice: Notice) -> Ticket:
        """The incident's ticket. Known ones are remembered; unknown ones are looked for first."""
        key = f"ticket:{notice.incident}"
        if known := await self._delivery.get(key):
            return Ticket.model_validate_json(known)
        urgency, impact = weight(notice)
        ticket = await self._servicenow.open(
            await self._delivery.correlation(notice.incident),
            short_description=f"{notice.incident}: {notice.title}",
            description=described(notice),
            urgency=urgency,
            impact=impact,
        )
        await self._delivery.put(key, ticket.model_dump_json())
        if notice.priority:
            await self._delivery.put(f"weight:{notice.incident}", notice.priority)
        return ticket

    async def _write(self, ticket: Ticket, notice: Notice) -> None:
        if notice.kind == "opened":
            return  # opening the ticket told it
        text = f"{notice.title}\n{described(notice)}"
        await self._weigh(ticket, notice)
        if notice.kind == "resolved":
            code = notice.close_code or DEFAULT_CLOSE_CODE
            await self._servicenow.resolve(ticket, code, text)
            return
        await self._servicenow.note(ticket, text, notice.id)

    async def _weigh(self, ticket: Ticket, notice: Notice) -> None:
        """Bring urgency and impact to the incident's newest priority, unless it is over."""
        key = f"weight:{notice.incident}"
        level = notice.priority
        if not level or notice.kind == "resolved" or await self._delivery.get(key) == level:
            return
        urgency, impact = weight(notice)
        await self._servicenow.weigh(ticket, urgency, impact)
        await self._delivery.put(key, level)


def weight(notice: Notice) -> tuple[int, int]:
    """(urgency, impact)"""
    return WEIGHTS.get(notice.priority) or WEIGHTS.get(notice.severity, WEIGHTS["ticket"])


def described(notice: Notice) -> str:
    """The notice as plain text: what happened, its facts, where to look."""
    why = notice.impact if notice.kind == "opened" else ""
    lines = [notice.text, why, *notice.marks]
    lines += [f"{name}: {value}" for name, value in notice.fields.items()]
    lines += [f"{name}: {link}" for name, link in notice.links.items()]
    return "\n".join(line for line in lines if line)
