"""Check a SQL question before it runs: one statement that only reads known tables and columns."""

from __future__ import annotations

from collections.abc import Mapping

import sqlglot
from sqlglot import exp
from sqlglot.errors import OptimizeError, SqlglotError
from sqlglot.optimizer.qualify import qualify

from chimera.domain import Refused
from chimera.platform.access.similar import or_near

MOST = 200  # rows of an answer
READS = (exp.Select, exp.SetOperation)
CHANGES = (
    exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Alter, exp.Copy,
    exp.Command, exp.Into, exp.Attach, exp.Detach, exp.Pragma, exp.Set, exp.Use,
    exp.TruncateTable, exp.Export if hasattr(exp, "Export") else exp.Command,
)  # fmt: skip
OUTSIDE = ("read_", "getenv", "current_setting", "glob", "query", "duckdb_", "pragma_", "parquet_")


def checked_sql(text: str, schema: Mapping[str, Mapping[str, str]], most: int = MOST) -> str:
    """The statement as it will be run, with every name resolved and at most `most` rows.

    `schema` is table -> column -> type. Raises Refused: not one statement, not a read, a table,
    column or function that may not be used; near names are told.
    """
    try:
        statements = [one for one in sqlglot.parse(text, read="duckdb") if one is not None]
    except SqlglotError as error:
        raise Refused(f"the SQL does not parse: {str(error).splitlines()[0]}") from error
    if len(statements) != 1:
        raise Refused(f"one statement at a time, not {len(statements)}")
    tree = statements[0]
    if not isinstance(tree, READS) or (bad := tree.find(*CHANGES)):
        what = (tree if not isinstance(tree, READS) else bad).key.upper()  # type: ignore[union-attr]
        raise Refused(f"data is only read here, and {what} is no SELECT")
    _known_tables(tree, schema)
    for function in tree.find_all(exp.Func):
        name = (
            function.name if isinstance(function, exp.Anonymous) else function.sql_name()
        ).lower()
        if name.startswith(OUTSIDE):
            raise Refused(f"the function {name} reaches outside the datasets and may not be used")
    try:
        resolved = qualify(
            tree.copy(), schema=dict(schema), dialect="duckdb", validate_qualify_columns=True
        )
    except OptimizeError as error:
        raise Refused(_column_missing(str(error), tree, schema)) from error
    except SqlglotError as error:
        raise Refused(f"the SQL cannot be resolved: {str(error).splitlines()[0]}") from error
    return _limited(resolved, most).sql(dialect="duckdb")


def _known_tables(tree: exp.Expression, schema: Mapping[str, object]) -> None:
    within = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier) or table.db or table.catalog:
            raise Refused(f"{table.sql()} is no dataset{or_near(table.name or '', schema)}")
        if table.name not in within and table.name not in schema:
            raise Refused(f"there is no dataset {table.name!r}{or_near(table.name, schema)}")


def _column_missing(
    said: str, tree: exp.Expression, schema: Mapping[str, Mapping[str, str]]
) -> str:
    """Which column of the statement is in none of its tables, with near ones."""
    tables = {table.name for table in tree.find_all(exp.Table)}
    columns = {column for name in tables for column in schema.get(name, ())}
    for column in tree.find_all(exp.Column):
        if column.name and column.name.lower() not in {c.lower() for c in columns}:
            where = " and ".join(sorted(tables & set(schema))) or "these tables"
            return f"{where} has no column {column.name!r}{or_near(column.name, columns)}"
    return f"a column cannot be resolved: {said.splitlines()[0]}"


def _limited(tree: exp.Expression, most: int) -> exp.Expression:
    given = tree.args.get("limit")
    wanted = most
    if given is not None and isinstance(given.expression, exp.Literal) and given.expression.is_int:
        wanted = min(int(given.expression.this), most)
    assert isinstance(tree, exp.Query)
    limited: exp.Expression = tree.limit(wanted)
    return limited
