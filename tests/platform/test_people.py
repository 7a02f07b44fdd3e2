from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from chimera.domain import Misconfigured, NotFound
from chimera.platform.identity.followed import LOOK, FollowedPeople
from chimera.platform.identity.people import People, Person, new_token
from chimera.platform.identity.register import add_person, add_token

TOKEN, KEPT = new_token()
TENANT, USER = "2b0d6a41-55c1-4b7e-9a53-0f6a1c2d3e40", "a11ce000-0000-4000-8000-000000000001"


def load(tmp_path: Path, text: str) -> People:
    file = tmp_path / "people.toml"
    file.write_text(text)
    return People.load(file)


def test_a_person_is_found_by_each_of_their_identities(tmp_path: Path) -> None:
    people = load(
        tmp_path,
        f'[[person]]\nid = "ana"\nname = "Ana"\nroles = ["approver"]\n'
        f'slack = ["T1/U1"]\nteams = ["{TENANT}/{USER.upper()}"]\ntokens = ["{KEPT}"]\n',
    )
    by_token = people.by_token(TOKEN)
    assert by_token is not None
    assert (by_token.id, by_token.roles, by_token.via) == ("ana", ("approver",), "api")
    assert people.by_slack("T1", "U1").id == "ana"
    assert people.by_slack("T1", "U1").via == "slack"
    in_teams = people.by_teams(TENANT.upper(), USER)
    assert (in_teams.id, in_teams.via) == ("ana", "teams")


def test_who_is_not_known_may_only_look(tmp_path: Path) -> None:
    people = load(tmp_path, '[[person]]\nid = "admin"\nroles = ["admin"]\nslack = ["T1/U1"]\n')
    assert people.by_token(TOKEN) is None
    assert people.by_token("") is None
    assert people.by_token("sha256:") is None
    stranger = people.by_slack("T2", "U1")  # the same user id in another team is somebody else
    assert stranger.roles == ("viewer",)
    assert not stranger.has("operator", "approver")
    assert people.by_teams("", "").roles == ("viewer",)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[[person]]\nid = "a"\nrole = ["admin"]\n', "line 3: person.0.role is not a setting"),
        ('[[person]]\nid = "a"\nroles = ["boss"]\n', "line 3: person.0.roles"),
        ('[[person]]\nid = "a"\ntokens = ["hunter2"]\n', "person.0.tokens"),
        ('[[person]]\nid = "a"\nteams = ["ana"]\n', "person.0.teams"),
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


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


ANA = f'[[person]]\nid = "ana"\nslack = ["T1/U1"]\ntokens = ["{KEPT}"]\n'


def test_an_edited_file_counts_seconds_later_and_a_broken_one_changes_nothing(
    tmp_path: Path,
) -> None:
    file, clock = tmp_path / "people.toml", Clock()
    file.write_text(ANA)
    people = FollowedPeople(file, clock)
    file.write_text(ANA + 'roles = ["approver"]\n')
    clock.now += LOOK / 2
    assert people.by_slack("T1", "U1").roles == ("viewer",)  # not looked at yet
    clock.now += LOOK / 2
    assert people.by_slack("T1", "U1").roles == ("approver",)
    for broken in (b"[[person]\n", ANA.encode() + b"role = 1\n", b"\xff\xfe", None):
        if broken is None:
            file.unlink()
        else:
            file.write_bytes(broken)
        with capture_logs() as logs:
            for _ in range(3):
                clock.now += LOOK
                assert people.by_slack("T1", "U1").roles == ("approver",)
                assert people.by_token(TOKEN) is not None
        assert [entry["log_level"] for entry in logs] == ["error"]  # once, not at each request
        assert "people.toml" in logs[0]["why"]
    with capture_logs() as logs:
        clock.now += 3600
        people.by_token("")
    assert [entry["log_level"] for entry in logs] == ["error"]  # and it does not fall silent
    file.write_text('[[person]]\nid = "ola"\n')
    clock.now += LOOK
    assert people.by_token(TOKEN) is None
    assert people.by_slack("T1", "U1").id == "slack:T1/U1"


FILE = f"""# who is who
[[person]] # the first
id = "ana"
tokens = [
    "{KEPT}", # her laptop's
]
[[person]]
id = "ola"   # no token yet
[[person]]
id = "kim"
tokens = []
[[person]]
tokens = ["sha256:{"0" * 64}"]
id = "bo"
"""


def test_a_token_is_added_for_one_person_and_the_rest_of_the_file_stays(tmp_path: Path) -> None:
    file = tmp_path / "people.toml"
    file.write_text(FILE)
    file.chmod(0o640)
    made = {name: add_token(file, name) for name in ("ana", "ola", "kim", "bo", "ola")}
    people = People.load(file)
    for name, token in made.items():
        who = people.by_token(token)
        assert who is not None
        assert who.id == name
        assert token not in file.read_text()
    assert people.by_token(TOKEN) is not None
    assert {p.id: len(p.tokens) for p in people.people} == {"ana": 2, "ola": 2, "kim": 1, "bo": 2}
    assert [line for line in FILE.splitlines() if "#" in line] == [
        line for line in file.read_text().splitlines() if "#" in line
    ]
    assert file.stat().st_mode & 0o777 == 0o640
    alone = add_token(file, "ana", alone=True)
    assert People.load(file).by_token(alone) is not None
    assert People.load(file).by_token(TOKEN) is None
    assert People.load(file).by_token(made["bo"]) is not None
    with pytest.raises(NotFound, match="no person 'eve'"):
        add_token(file, "eve")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["people.toml"]


def test_somebody_is_added_once_and_what_cannot_be_changed_safely_is_not(tmp_path: Path) -> None:
    file = tmp_path / "people.toml"
    ana = Person(id="ana", name='A "quoted" Äna', roles=("approver",), slack=("T1/U1",))
    add_person(file, ana)
    assert file.stat().st_mode & 0o777 == 0o600
    add_person(file, Person(id="ola", email="ola@example.com"))
    assert [p.id for p in People.load(file).people] == ["ana", "ola"]
    assert People.load(file).people[0] == ana
    for again, why in ((ana, "already"), (Person(id="eve", slack=("T1/U1",)), "same Slack user")):
        before = file.read_text()
        with pytest.raises(Misconfigured, match=why):
            add_person(file, again)
        assert file.read_text() == before
    inline = 'person = [{id = "ana"}]\n'
    file.write_text(inline)
    with pytest.raises(Misconfigured, match="by hand"):
        add_token(file, "ana")
    assert file.read_text() == inline
    with pytest.raises(Misconfigured, match="cannot be written"):
        add_person(tmp_path / "nowhere" / "people.toml", ana)
