"""Changing people.toml in place: comments and order stay, and the result is read before it counts."""

from __future__ import annotations

import fcntl
import json
import os
import re
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from chimera.domain import Misconfigured, NotFound
from chimera.platform.identity.people import People, Person, new_token

HEAD = re.compile(r"^[ \t]*\[\[[ \t]*person[ \t]*\]\][^\n]*\n?", re.MULTILINE)
TOKENS = re.compile(r"^[ \t]*tokens[ \t]*=[ \t]*\[", re.MULTILINE)
ALL_TOKENS = re.compile(TOKENS.pattern + r"[^\]]*\]", re.MULTILINE)


def add_person(path: Path, person: Person) -> None:
    """Put somebody into the file, which is made if there is none. Raises Misconfigured."""
    with writing(path):
        text = path.read_text() if path.exists() else ""
        before = People.load(path).people if path.exists() else ()
        if any(known.id == person.id for known in before):
            raise Misconfigured(
                f"{path} has a person {person.id!r} already; edit the file to change them, "
                f"or give them a token with `chimera people token {person.id}`"
            )
        gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
        replace(path, text + gap + written(person), (*before, person))


def add_token(path: Path, person_id: str, *, alone: bool = False) -> str:
    """Give somebody a new API token, `alone` instead of all others; the token, kept nowhere.

    Raises NotFound, Misconfigured.
    """
    token, kept = new_token()
    with writing(path):
        people = People.load(path).people
        at = next((n for n, person in enumerate(people) if person.id == person_id), None)
        if at is None:
            raise NotFound(
                f"{path} has no person {person_id!r}; `chimera people list` shows them, "
                "`chimera people add` adds one"
            )
        tokens = (kept,) if alone else (kept, *people[at].tokens)
        after = list(people)
        after[at] = people[at].model_copy(update={"tokens": tokens})
        replace(path, with_token(path.read_text(), at, kept, alone), after)
    return token


def with_token(text: str, at: int, kept: str, alone: bool) -> str:
    """The text with one more hash in the table of the person at a place; unchanged if it is not seen."""
    heads = list(HEAD.finditer(text))
    if at >= len(heads):
        return text
    start = heads[at].end()
    end = heads[at + 1].start() if at + 1 < len(heads) else len(text)
    table = text[start:end]
    if alone and ALL_TOKENS.search(table):
        table = ALL_TOKENS.sub(f'tokens = ["{kept}"]', table, count=1)
    elif found := TOKENS.search(table):
        rest = table[found.end() :]
        comma = "" if rest.lstrip().startswith("]") else ", "
        table = f'{table[: found.end()]}"{kept}"{comma}{rest}'
    else:
        table = f'tokens = ["{kept}"]\n{table}'
    return text[:start] + table + text[end:]


def written(person: Person) -> str:
    """A person as a table; JSON's strings and lists are TOML's."""
    keys = person.model_dump(exclude_defaults=True)
    keys.setdefault("roles", person.roles)
    rows = (f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in keys.items())
    return "[[person]]\n" + "".join(rows)


def replace(path: Path, text: str, expected: Sequence[Person]) -> None:
    """Write the file whole, if it says what is expected. Raises Misconfigured."""
    by_hand = f"{path} is written in a way that cannot be changed from here; edit it by hand"
    try:
        said = tomllib.loads(text).get("person", [])
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(by_hand) from error
    if [Person.model_validate(one) for one in said] != list(expected):
        raise Misconfigured(by_hand)
    People(tuple(expected))  # two people with one identity are refused before they are written
    place = path.resolve()  # a link stays a link
    mode = place.stat().st_mode & 0o777 if place.exists() else 0o600
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(place)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """One writer at a time, so that no token is lost. Raises Misconfigured."""
    try:
        folder = os.open(path.resolve().parent, os.O_RDONLY)
    except OSError as error:
        raise Misconfigured(f"{path} cannot be written: {error.strerror}") from error
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    except OSError as error:
        raise Misconfigured(f"{path} cannot be written: {error.strerror}") from error
    finally:
        os.close(folder)
