"""Personal data, replaced by names of no meaning before text leaves, and put back in the answer.

Secrets are gone for good (`Secrets`); these come back, so that an answer speaks of the person that
was asked about without a model ever having read who that is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
CARD = re.compile(r"\b\d(?:[ -]?\d){12,18}\b")
ADDRESS = re.compile(r"\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b")
PHONE = re.compile(r"(?<![\w.])(?:\+|00)\d{1,3}(?:[ ./-]?\(?\d{2,5}\)?){2,5}(?![\w.]*\w)")
SOCIAL = re.compile(r"\b\d{3}-\d{2}-\d{4}\b")


def is_iban(text: str) -> bool:
    """ISO 13616's check digits."""
    bare = text.replace(" ", "")
    turned = "".join(str(int(sign, 36)) for sign in bare[4:] + bare[:4])
    return len(bare) >= 15 and int(turned) % 97 == 1


def is_card(text: str) -> bool:
    """Luhn's check digit."""
    digits = [int(sign) for sign in text if sign.isdigit()]
    twice = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[::-2]) + sum(twice)) % 10 == 0 and len(set(digits)) > 1


KINDS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("EMAIL", EMAIL, lambda text: True),
    ("IBAN", IBAN, is_iban),
    ("CARD", CARD, is_card),
    ("SSN", SOCIAL, lambda text: True),
    ("PHONE", PHONE, lambda text: True),
    ("IP", ADDRESS, lambda text: True),
)
MASK = re.compile(rf"\b(?:{'|'.join(kind for kind, _, _ in KINDS)})_\d+\b")


class Masks:
    """The masks of one exchange: the same value has the same mask in all of it."""

    def __init__(self) -> None:
        self._masks: dict[str, str] = {}
        self._values: dict[str, str] = {}

    def mask(self, text: str) -> str:
        for kind, pattern, holds in KINDS:
            text = pattern.sub(lambda m, k=kind, h=holds: self._for(k, m[0], h), text)  # type: ignore[misc]
        return text

    def unmask(self, text: str) -> str:
        """The values again; a mask that was never given out stays what it is."""
        return MASK.sub(lambda m: self._values.get(m[0], m[0]), text)

    def _for(self, kind: str, value: str, holds: Callable[[str], bool]) -> str:
        if not holds(value):
            return value
        if value not in self._masks:
            number = 1 + sum(mask.startswith(f"{kind}_") for mask in self._values)
            self._masks[value] = f"{kind}_{number}"
            self._values[f"{kind}_{number}"] = value
        return self._masks[value]
