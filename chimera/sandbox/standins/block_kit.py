"""Slack's limits on messages and blocks, checked as Slack checks them."""

from __future__ import annotations

from typing import Any

LONGEST_TEXT = 40_000
MOST_BLOCKS = 50
TYPES = {"section", "header", "divider", "context", "actions", "image", "rich_text", "input"}


def complaints(blocks: Any, most: int = MOST_BLOCKS, form: bool = False) -> list[str]:
    """What is wrong with blocks, as Slack's `response_metadata.messages` say it.

    `form`: people may be asked for input, as a message may not.
    """
    if not isinstance(blocks, list):
        return ["[ERROR] must be an array [json-pointer:/blocks]"]
    said = []
    if len(blocks) > most:
        said.append(f"[ERROR] no more than {most} items allowed [json-pointer:/blocks]")
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        where = f"/blocks/{index}"
        if not isinstance(block, dict) or block.get("type") not in TYPES:
            said.append(f"[ERROR] unsupported type [json-pointer:{where}/type]")
            continue
        block_id = block.get("block_id", "")
        if block_id and block_id in seen:
            said.append(f"[ERROR] block_id already exists [json-pointer:{where}/block_id]")
        seen.add(block_id)
        said += too_long(block_id, 255, f"{where}/block_id")
        if block["type"] == "input" and not form:
            said.append(f"[ERROR] unsupported type: input [json-pointer:{where}/type]")
        said += of_block(block, where)
    return said


def of_block(block: dict[str, Any], where: str) -> list[str]:
    """The rules of one kind of block."""
    kind = block["type"]
    if kind == "section":
        if "text" not in block and "fields" not in block:
            return [f"[ERROR] missing required field: text or fields [json-pointer:{where}]"]
        said = of_text(block["text"], 3000, f"{where}/text") if "text" in block else []
        fields = block.get("fields", [])
        said += too_many(fields, 10, f"{where}/fields")
        for number, field in enumerate(fields):
            said += of_text(field, 2000, f"{where}/fields/{number}")
        return said
    if kind == "header":
        return of_text(block.get("text"), 150, f"{where}/text", plain=True)
    if kind == "context":
        elements = block.get("elements")
        said = too_many(elements, 10, f"{where}/elements", least=1)
        for number, element in enumerate(elements or []):
            if element.get("type") != "image":
                said += of_text(element, 3000, f"{where}/elements/{number}")
        return said
    if kind == "actions":
        elements = block.get("elements")
        said = too_many(elements, 25, f"{where}/elements", least=1)
        for number, element in enumerate(elements or []):
            said += of_button(element, f"{where}/elements/{number}")
        return said
    if kind == "input":
        return of_input(block, where)
    return []


def of_input(block: dict[str, Any], where: str) -> list[str]:
    """The rules of an input block and of what is typed or chosen in it."""
    said = of_text(block.get("label"), 2000, f"{where}/label", plain=True)
    if "hint" in block:
        said += of_text(block["hint"], 2000, f"{where}/hint", plain=True)
    element = block.get("element") or {}
    at = f"{where}/element"
    said += too_long(str(element.get("action_id", "")), 255, f"{at}/action_id")
    if "placeholder" in element:
        said += of_text(element["placeholder"], 150, f"{at}/placeholder", plain=True)
    kind = element.get("type")
    if kind == "plain_text_input":
        if not 1 <= int(element.get("max_length", 3000)) <= 3000:
            said.append(f"[ERROR] must be between 1 and 3000 [json-pointer:{at}/max_length]")
    elif kind == "number_input":
        if not isinstance(element.get("is_decimal_allowed"), bool):
            said.append(f"[ERROR] missing required field: is_decimal_allowed [json-pointer:{at}]")
    elif kind == "static_select":
        options = element.get("options")
        said += too_many(options, 100, f"{at}/options", least=1)
        for number, option in enumerate(options or []):
            here = f"{at}/options/{number}"
            said += of_text(option.get("text"), 75, f"{here}/text", plain=True)
            said += too_long(str(option.get("value", "")), 150, f"{here}/value")
        initial = element.get("initial_option")
        if initial is not None and initial not in (options or []):
            said.append(f"[ERROR] invalid initial option [json-pointer:{at}/initial_option]")
    else:
        said.append(f"[ERROR] unsupported type: {kind} [json-pointer:{at}/type]")
    return said


def of_button(button: dict[str, Any], where: str) -> list[str]:
    if button.get("type") != "button":
        return []
    said = of_text(button.get("text"), 75, f"{where}/text", plain=True)
    said += too_long(button.get("action_id", ""), 255, f"{where}/action_id")
    said += too_long(button.get("value", ""), 2000, f"{where}/value")
    if button.get("style", "primary") not in ("primary", "danger"):
        said.append(f"[ERROR] must be one of: primary, danger [json-pointer:{where}/style]")
    return said


def of_text(text: Any, most: int, where: str, plain: bool = False) -> list[str]:
    """A text object: its type, and between 1 and `most` characters."""
    kinds = ("plain_text",) if plain else ("plain_text", "mrkdwn")
    if not isinstance(text, dict) or text.get("type") not in kinds:
        return [f"[ERROR] must be one of: {', '.join(kinds)} [json-pointer:{where}/type]"]
    if not text.get("text"):
        return [f"[ERROR] must be more than 0 characters [json-pointer:{where}/text]"]
    return too_long(text["text"], most, f"{where}/text")


def too_long(text: str, most: int, where: str) -> list[str]:
    if len(text) <= most:
        return []
    return [f"[ERROR] must be less than {most + 1} characters [json-pointer:{where}]"]


def too_many(items: Any, most: int, where: str, least: int = 0) -> list[str]:
    if not isinstance(items, list) or len(items) < least:
        return [f"[ERROR] must have at least {least} item [json-pointer:{where}]"]
    if len(items) > most:
        return [f"[ERROR] no more than {most} items allowed [json-pointer:{where}]"]
    return []


def buttons(message: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """(block_id, button) of every button that the message shows."""
    return [
        (block.get("block_id", ""), element)
        for block in message.get("blocks") or []
        if block.get("type") == "actions"
        for element in block.get("elements", [])
        if element.get("type") == "button"
    ]
