"""What can be put right in the lake: bad batches taken out, doubles removed, late orders put in place.

Whatever is moved is kept under the name that the order's key gives, and can be put back.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from chimera.sandbox.estate import contract, exchange, reprocess
from chimera.sandbox.estate.curated import Curated
from chimera.sandbox.estate.lake import Memory, batch_file, batches

Said = dict[str, str]


class Amends:
    """Works on the files of one step, which must not run meanwhile."""

    def __init__(
        self,
        home: Path,
        raw: Path,
        curated: Curated,
        memory: Memory,
        breach: Callable[[contract.Quality], str],
    ) -> None:
        self.home, self.raw, self.curated = home, raw, curated
        self.memory, self.breach = memory, breach

    def knows(self, name: str, arguments: dict[str, Any]) -> bool:
        if name == "restore":  # records that were set aside are another's
            return exchange.begun(self.home, str(arguments["quarantine"])) is not None
        return name in ("quarantine_batch", "deduplicate", "merge_late")

    def make(self, name: str, arguments: dict[str, Any]) -> Said:
        """Raises ValueError when there is nothing to put right."""
        kept = str(arguments["quarantine"])
        try:
            if name == "quarantine_batch":
                return self.take_batches(kept, str(arguments.get("batch", "")))
            if name == "restore":
                return self.restore(kept)
            works = {"deduplicate": reprocess.deduplicate, "merge_late": reprocess.merge_late}
            mark = int(self.memory.get("deduplicated", 0))
            said = works[name](self.curated, self.home, kept, mark)
            # What comes from these batches once more must not bring back what was put right.
            self.memory.put(deduplicated=max([mark, *self.curated.spans]))
            return said
        finally:
            self.curated.look()

    def take_batches(self, kept: str, batch: str) -> Said:
        """Move the batches that break the contract aside, or the one that is named."""
        facts = exchange.begun(self.home, kept)
        if facts is None:
            bad = [int(batch)] if batch.isdigit() else self.bad()
            there = {number for number, _ in batches(self.raw)}
            if not bad or not set(bad) <= there:
                raise ValueError(f"there is no batch {batch}" if batch else "no batch stops it")
            facts = {"numbers": bad}
        numbers = facts["numbers"]
        paths = [
            batch_file(f, number) for f in (self.raw, self.curated.folder) for number in numbers
        ]
        exchange.set_aside(self.home, kept, [path for path in paths if path.exists()], facts)
        return {"quarantine": kept, "batches": ",".join(map(str, numbers))}

    def bad(self) -> list[int]:
        """Waiting batches whose content is bad; a shape that changed is not the batch's fault."""
        done = int(self.memory.get("done", 0))
        found = []
        with contract.connected() as db:
            for number, path in batches(self.raw):
                if number > done:
                    quality = contract.load(db, path)
                    if not quality.reshaped and self.breach(quality):
                        found.append(number)
        return found

    def restore(self, kept: str) -> Said:
        """Everything as it was: the step meets again what was taken from it."""
        facts = exchange.put_back(self.home, kept)
        if "numbers" in facts:
            done = int(self.memory.get("done", 0))
            self.memory.put(done=min(done, min(facts["numbers"]) - 1))
        if "mark" in facts:
            self.memory.put(deduplicated=facts["mark"])
        return {"restored": str(facts["restored"])}
