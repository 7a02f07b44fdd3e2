"""Telling the processor what will be read soon."""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped, unused-ignore]
from numba.core import cgutils, types
from numba.extending import intrinsic


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
