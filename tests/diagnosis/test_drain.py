"""Log templates: what is one line, what is forgotten, what is saved."""

from __future__ import annotations

import json

import pytest

from chimera.diagnosis.logs.drain import Drain
from chimera.diagnosis.logs.masking import SERVICE, words


def test_lines_of_one_statement_are_one_template() -> None:
    drain = Drain()
    first = drain.learn("10:31:02.118 WARN c.Store#71 order 8841 of user bob took 12.5ms", "store")
    second = drain.learn("10:31:09.001 WARN c.Store#71 order 17 of user eve took 3ms", "store")
    other = drain.learn("10:31:09.001 WARN c.Store#99 order 17 of user eve was refused", "store")
    assert first is second
    assert "c.Store#71" in first.text
    assert "8841" not in first.text
    assert other is not first


def test_places_are_never_mixed() -> None:
    drain = Drain()
    assert drain.learn("started", "a") is not drain.learn("started", "b")


def test_memory_is_bounded_and_the_oldest_is_forgotten() -> None:
    drain = Drain(most=50)
    kept = drain.learn("heartbeat of the pump", "p")
    for i in range(2_000):
        letters = "".join(chr(97 + int(c)) for c in str(i))
        drain.learn(f"{letters} {letters} happened once", "p")
        drain.learn("heartbeat of the pump", "p")
    assert len(drain.templates) == 50
    assert drain.learn("heartbeat of the pump", "p") is kept
    assert sum(len(leaf) for leaf in drain._leaves.values()) == 50


def test_a_saved_state_goes_on_with_the_same_templates() -> None:
    drain = Drain()
    numbers = [drain.learn(f"job {i} failed: disk {i} full", "w").number for i in range(5)]
    again = Drain.resume(json.loads(json.dumps(drain.state())))
    assert again.learn("job 77 failed: disk 3 full", "w").number == numbers[-1]
    assert again.learn("something new", "w").number == numbers[-1] + 1
    with pytest.raises(ValueError, match="version"):
        Drain.resume({"version": 99})


def test_names_of_services_are_masked_however_late_they_come() -> None:
    names = frozenset({"billing-service"})
    assert SERVICE in words("no instances of billing-service", names)
    late = "ERROR " + " ".join(f"step{chr(97 + i)}" for i in range(25)) + " called billing-service"
    assert words(late, names)[-1] == SERVICE


def test_ids_addresses_and_tokens_are_no_words() -> None:
    line = (
        "GET http://a.b/c?d=1 from 10.0.0.7:443 by x@y.org token eyJhbGciOi.abc.def traceId=4bf92f"
    )
    assert not {"10.0.0.7", "x@y.org", "4bf92f"} & set(words(line))
