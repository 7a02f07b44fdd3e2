"""Raw batches: what is empty in one of them is not another shape."""

from __future__ import annotations

from chimera.sandbox.estate.feed import hollow
from chimera.sandbox.estate.ingest import tabled
from chimera.sandbox.estate.orders import renamed


def test_a_hollow_batch_has_the_columns_of_a_whole_one() -> None:
    rows = [
        {
            "id": n,
            "placed_at": float(n),
            "sku": "S-1",
            "quantity": 2,
            "amount": "3.50",
            "customer": "c",
        }
        for n in range(1, 9)
    ]
    hollowed = hollow(rows, {"after": 0, "until": 8, "every": 8, "empty": 1.0, "seed": 0})
    assert tabled(hollowed).column("quantity").null_count == len(hollowed) == 1
    assert tabled(hollowed).schema == tabled(rows).schema
    new = {"rename_from": "amount", "rename_to": "total", "rename_share": "1"}
    assert tabled([renamed(row, new) for row in rows]).schema != tabled(rows).schema
