"""The columns of ServiceNow's incident table, and what its rules do to a write."""

from __future__ import annotations

from datetime import UTC, datetime

# Column: longest text. What is longer is cut without a word, what is unknown is dropped: as there.
COLUMNS = {
    "short_description": 160,
    "description": 4000,
    "state": 40,
    "urgency": 1,
    "impact": 1,
    "category": 40,
    "assignment_group": 64,
    "assigned_to": 64,
    "caller_id": 64,
    "cmdb_ci": 64,
    "business_service": 64,
    "correlation_id": 100,
    "correlation_display": 100,
    "close_code": 40,
    "close_notes": 4000,
    "work_notes": 65536,
    "comments": 65536,
}
SET_HERE = (
    *("sys_id", "number", "priority", "incident_state", "active", "opened_at", "opened_by"),
    *("resolved_at", "resolved_by", "sys_created_on", "sys_created_by"),
    *("sys_updated_on", "sys_updated_by", "sys_mod_count", "sys_class_name"),
)
JOURNALS = {"work_notes": "Work notes", "comments": "Additional comments"}
REFERENCES = {
    "assignment_group": "sys_user_group",
    "assigned_to": "sys_user",
    "caller_id": "sys_user",
    "cmdb_ci": "cmdb_ci",
    "business_service": "cmdb_ci_service",
}
STATES = {
    "1": "New",
    "2": "In Progress",
    "3": "On Hold",
    "6": "Resolved",
    "7": "Closed",
    "8": "Canceled",
}
LEVELS = {"1": "1 - High", "2": "2 - Medium", "3": "3 - Low"}
PRIORITIES = {
    "1": "1 - Critical",
    "2": "2 - High",
    "3": "3 - Moderate",
    "4": "4 - Low",
    "5": "5 - Planning",
}
CHOICES = {
    "state": STATES,
    "incident_state": STATES,
    "urgency": LEVELS,
    "impact": LEVELS,
    "priority": PRIORITIES,
}


def now() -> str:
    """The instance's clock, as it writes it: UTC, no zone."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")


def empty(sys_id: str, number: str, user: str) -> dict[str, str]:
    """A new record with its defaults."""
    at = now()
    return {
        **dict.fromkeys((*COLUMNS, *SET_HERE), ""),
        "sys_id": sys_id,
        "number": number,
        "state": "1",
        "urgency": "3",
        "impact": "3",
        "opened_at": at,
        "opened_by": user,
        "sys_created_on": at,
        "sys_created_by": user,
        "sys_mod_count": "-1",
        "sys_class_name": "incident",
        "category": "inquiry",
    }


def written(record: dict[str, str], change: dict[str, str], user: str) -> dict[str, str]:
    """The record after a write, rules applied. Journals are kept elsewhere."""
    kept = {
        name: str(value)[: COLUMNS[name]]
        for name, value in change.items()
        if name in COLUMNS and name not in JOURNALS
    }
    after = {**record, **kept}
    after["incident_state"] = after["state"]
    after["active"] = "false" if after["state"] in ("7", "8") else "true"
    after["priority"] = priority(after["impact"], after["urgency"])
    if after["state"] == "6" and record["state"] != "6":
        after |= {"resolved_at": now(), "resolved_by": user}
    after |= {
        "sys_updated_on": now(),
        "sys_updated_by": user,
        "sys_mod_count": str(int(record["sys_mod_count"]) + 1),
    }
    return after


def priority(impact: str, urgency: str) -> str:
    """The stock matrix: 1/1 is critical, 3/3 is planning."""
    if impact not in LEVELS or urgency not in LEVELS:
        return "5"
    return str(int(impact) + int(urgency) - 1)


def broken_policy(record: dict[str, str]) -> str | None:
    """The data policy's complaint: whoever resolves says how and why."""
    missing = []
    if record["state"] == "6":
        if not record["close_code"]:
            missing.append("Resolution code")
        if not record["close_notes"]:
            missing.append("Resolution notes")
    if not missing:
        return None
    return f"Data Policy Exception: The following fields are mandatory: {', '.join(missing)}"
