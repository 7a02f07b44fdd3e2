"""Slack's limits on modals and Home tabs, checked as Slack checks them."""

from __future__ import annotations

from typing import Any

from chimera.sandbox.standins.block_kit import complaints, of_text, too_long

MOST_BLOCKS = 100


def view_complaints(view: Any, kind: str) -> list[str]:
    """What is wrong with a view that is to be a `modal` or the `home`."""
    if not isinstance(view, dict) or view.get("type") != kind:
        return [f"[ERROR] must be one of: {kind} [json-pointer:/view/type]"]
    said = complaints(view.get("blocks"), MOST_BLOCKS, form=True)
    said += too_long(str(view.get("private_metadata", "")), 3000, "/view/private_metadata")
    said += too_long(str(view.get("callback_id", "")), 255, "/view/callback_id")
    if kind == "modal":
        said += of_text(view.get("title"), 24, "/view/title", plain=True)
        for name in ("submit", "close"):
            if name in view:
                said += of_text(view[name], 24, f"/view/{name}", plain=True)
        asks = [b for b in view.get("blocks") or () if b.get("type") == "input"]
        if asks and "submit" not in view:
            said.append("[ERROR] missing required field: submit [json-pointer:/view]")
    return said


def inputs(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The input blocks of a view by block id."""
    return {b["block_id"]: b for b in view.get("blocks", []) if b.get("type") == "input"}


def filled(view: dict[str, Any], given: dict[str, str]) -> dict[str, Any]:
    """`state.values` after a person filled it in. Raises ValueError where Slack's form would not
    let them send it."""
    values: dict[str, Any] = {}
    for block_id, block in inputs(view).items():
        element = block["element"]
        text = given.get(block_id, "")
        if not text and not block.get("optional"):
            raise ValueError(f"{block_id}: please complete this required field")
        if len(text) > int(element.get("max_length", 3000)):
            raise ValueError(f"{block_id}: too long")
        one: dict[str, Any] = {"type": element["type"]}
        if element["type"] == "static_select":
            chosen = next((o for o in element["options"] if o["value"] == text), None)
            if text and chosen is None:
                raise ValueError(f"{block_id}: there is no such option")
            one["selected_option"] = chosen
        else:
            one["value"] = text or None
        values[block_id] = {element["action_id"]: one}
    return values
