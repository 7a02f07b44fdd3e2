"""What is done to curated data again: doubles taken out, late orders put where they belong.

Each makes new files of those that are set aside under a name; made again, they are the same.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from chimera.sandbox.estate import exchange
from chimera.sandbox.estate.curated import Curated, without, write
from chimera.sandbox.estate.lake import batch_file, batches, read


def deduplicate(curated: Curated, home: Path, name: str, mark: int) -> dict[str, str]:
    """Keep each order in the first batch that has it. `mark` is what to go back to.

    Raises ValueError when no order is there twice.
    """
    facts = exchange.begun(home, name)
    if facts is None:
        doubles = curated.doubles()
        if not doubles:
            raise ValueError("no order is there more than once")
        facts = {
            "mark": mark,
            "doubles": {batch_file(curated.folder, n).name: sorted(d) for n, d in doubles.items()},
        }
    paths = [curated.folder / file for file in facts["doubles"]]
    exchange.set_aside(home, name, paths, facts)
    for source, kept in exchange.moves(home, name):
        write(source, without(read(kept), facts["doubles"][source.name]))
    removed = sum(len(ids) for ids in facts["doubles"].values())
    return {"quarantine": name, "batches": str(len(paths)), "rows": str(removed)}


def merge_late(curated: Curated, home: Path, name: str, mark: int) -> dict[str, str]:
    """Put each late order into the batch of its time. `mark` is what to go back to.

    Raises ValueError when no order waits.
    """
    facts = exchange.begun(home, name)
    if facts is None:
        late = [path for _, path in batches(curated.late)]
        if not late:
            raise ValueError("no late order waits to be put in its place")
        places: dict[str, list[int]] = defaultdict(list)
        rows = (row for path in late for row in read(path, ["id", "placed_at"]).to_pylist())
        for row in rows:
            number = curated.place_of(row["placed_at"])
            places[batch_file(curated.folder, number).name].append(row["id"])
        facts = {"mark": mark, "places": places, "late": [path.name for path in late]}
    paths = [curated.late / file for file in facts["late"]]
    exchange.set_aside(
        home, name, [*paths, *(curated.folder / file for file in facts["places"])], facts
    )
    kept = dict(exchange.moves(home, name))
    waiting = pa.concat_tables([read(kept[path]) for path in paths])
    for file, ids in facts["places"].items():
        path = curated.folder / file
        theirs = waiting.filter(pc.is_in(waiting.column("id"), pa.array(ids, pa.int64())))
        write(path, pa.concat_tables([read(kept[path]), theirs]))
    return {"quarantine": name, "batches": str(len(facts["places"])), "rows": str(len(waiting))}
