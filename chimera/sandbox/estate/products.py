"""What Panther Retail sells: product numbers, prices in euro, and how often each is bought."""

from __future__ import annotations

PRICES: dict[str, float] = {f"SKU-{n:03d}": 4.0 + 7.5 * (n % 9) + n / 10 for n in range(1, 25)}
SKUS: tuple[str, ...] = tuple(PRICES)
WEIGHTS: tuple[float, ...] = tuple(1.0 / (1 + n % 7) for n in range(len(SKUS)))
