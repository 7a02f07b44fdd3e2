from __future__ import annotations

from pathlib import Path

import pytest

from chimera.domain import Misconfigured
from chimera.platform.identity.people import People, new_token

TOKEN, KEPT = new_token()


def load(tmp_path: Path, text: str) -> People:
    file = tmp_path / "people.toml"
    file.write_text(text)
    return People.load(file)


def test_a_person_is_found_by_each_of_their_identities(tmp_path: Path) -> None:
    people = load(
        tmp_path,
        f'[[person]]\nid = "ana"\nname = "Ana"\nroles = ["approver"]\n'
        f'slack = ["T1/U1"]\ntokens = ["{KEPT}"]\n',
    )
    by_token = people.by_token(TOKEN)
    assert by_token is not None
    assert (by_token.id, by_token.roles, by_token.via) == ("ana", ("approver",), "api")
    assert people.by_slack("T1", "U1").id == "ana"
    assert people.by_slack("T1", "U1").via == "slack"


def test_who_is_not_known_may_only_look(tmp_path: Path) -> None:
    people = load(tmp_path, '[[person]]\nid = "admin"\nroles = ["admin"]\nslack = ["T1/U1"]\n')
    assert people.by_token(TOKEN) is None
    assert people.by_token("") is None
    assert people.by_token("sha256:") is None
    stranger = people.by_slack("T2", "U1")  # the same user id in another team is somebody else
    assert stranger.roles == ("viewer",)
    assert not stranger.has("operator", "approver")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[[person]]\nid = "a"\nrole = ["admin"]\n', "line 3: person.0.role is not a setting"),
        ('[[person]]\nid = "a"\nroles = ["boss"]\n', "line 3: person.0.roles"),
        ('[[person]]\nid = "a"\ntokens = ["hunter2"]\n', "person.0.tokens"),
        ('[[person]]\nname = "A"\n', "person.0.id is missing"),
        ('[[person]]\nid = "a"\n[[person]]\nid = "a"\n', "the same id"),
        (
            '[[person]]\nid = "a"\nslack = ["T1/U1"]\n[[person]]\nid = "b"\nslack = ["T1/U1"]\n',
            "'a' and 'b' have the same Slack user",
        ),
        ("[[person]\n", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_one_line_that_says_where(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(Misconfigured) as wrong:
        load(tmp_path, text)
    assert why in str(wrong.value)
    assert "people.toml" in str(wrong.value)
    assert "\n" not in str(wrong.value)
