"""Having the next series' memory fetched while this one is worked on.

A step of many series goes through a record of 28 KiB each, none of it in a cache, and half the time
would be waiting for it.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped, unused-ignore]
from numba.core import cgutils, types
from numba.extending import intrinsic

from chimera.detection.engine.compiled import compiled
from chimera.detection.engine.memory import BYTES, DAY_SLOTS, RECORD, SLOTS
from chimera.detection.engine.settings import Settings

LINE = 64  # bytes of a cache line
BEGINNING = 1024  # bytes of the values that are asked for; the processor itself follows from there
PLACES = {name: RECORD.fields[name][1] for name in RECORD.names or ()} if RECORD.fields else {}
VALUES, TAILS = PLACES["values"], PLACES["tails"]
LOW, HIGH = PLACES["day_low"], PLACES["day_high"]


def _emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
    shape = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
    declared: Any = cgutils.get_or_insert_function
    told = declared(builder.module, shape, "llvm.prefetch.p0")
    where = builder.inttoptr(arguments[0], byte)
    builder.call(told, [where, number(0), number(3), number(1)])  # to read, near, data
    return context.get_dummy_value()


def _prefetch(typing: Any, address: Any) -> Any:
    """Tell the processor that the line at an address will be read. Any address is allowed."""
    return types.void(address), _emit


prefetch: Any = intrinsic(_prefetch)


@compiled
def fetch(record: Any, slot: int, settings: Settings) -> None:
    """Ask for the parts that the next value will need of the record at this address."""
    for at in range(TAILS, BYTES, LINE):
        prefetch(record + at)
    for at in range(0, VALUES + BEGINNING, LINE):
        prefetch(record + at)
    wide = 2 * settings.around + 1
    for back in range(1, settings.days + 1):
        first = (slot - back * DAY_SLOTS - settings.around) & (SLOTS - 1)
        for at in range(0, 4 * wide + LINE, LINE):
            part = (4 * first + at) & (4 * SLOTS - 1)
            prefetch(record + LOW + part)
            prefetch(record + HIGH + part)
