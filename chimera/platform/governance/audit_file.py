"""The audit log as a file: JSON lines, the head at the end; checked without the store."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from chimera.domain import Misconfigured, NotFound
from chimera.domain.orders import canonical
from chimera.platform.governance.audit import Head, Row
from chimera.platform.governance.audit_chain import Chain, Verdict
from chimera.platform.identity.signing import Signer


def row_line(row: Row) -> str:
    return canonical(row.model_dump(mode="json")).decode() + "\n"


def head_line(head: Head) -> str:
    return canonical({"head": head.model_dump(mode="json")}).decode() + "\n"


def verify_file(path: Path, signer: Signer | None, chain: Chain) -> Verdict:
    """Whether a file holds the log as it was. Raises NotFound, Misconfigured for what is none."""
    try:
        with path.open(encoding="utf-8") as file:
            return verify_lines(file, str(path), signer, chain)
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {path}; correct its name") from error
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise Misconfigured(f"the audit log {path} cannot be read ({why})") from error


def verify_lines(lines: Iterable[str], name: str, signer: Signer | None, chain: Chain) -> Verdict:
    head: Head | None = None
    after = 0
    for number, line in enumerate(lines, 1):
        if head is not None:
            after = head.seq + 1  # nothing stands after the head
            break
        try:
            said = json.loads(line)
            if isinstance(said, dict) and "head" in said:
                head = Head.model_validate(said["head"])
                continue
            row = Row.model_validate(said)
        except (ValueError, ValidationError) as error:
            raise Misconfigured(
                f"line {number} of {name} is no row of an audit log; "
                "`chimera audit export` writes them"
            ) from error
        if not chain.take(row):
            break
    sealed = None
    if signer is not None and head is not None:
        sealed = signer.seal(head.sealed_content()) == head.seal
    return chain.end(head, sealed, after)
