from __future__ import annotations

from pathlib import Path

import pytest

from chimera.domain import Misconfigured, NotFound, Trust
from chimera.platform.settings import Settings, load_settings


def load(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "chimera.toml"
    file.write_text(text)
    return load_settings(file)


def why(tmp_path: Path, text: str) -> str:
    with pytest.raises(Misconfigured) as wrong:
        load(tmp_path, text)
    assert "\n" not in str(wrong.value)
    return str(wrong.value)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[api]\nhost = 'x'\nprot = 1\n", "chimera.toml, line 3: api.prot is not a setting"),
        ("[api]\nport = 'many'\n", "line 2: api.port is wrong"),
        ("\n[slack]\nchannel = 'C1'\n", "slack.token is missing"),
        ("[slack]\ntoken = 'xoxb-1'\nsigning_secret='env:A'\nchannel='C'\n", "env:NAME or file:"),
        ("[[watch]]\nname='a'\nmetric='b'\n[[watch]]\nname='c'\nmetrik='d'\n", "line 6"),
        ("[[watch]]\nname='a'\nmetric='b'\n[[watch]]\nname='a'\nmetric='d'\n", "used once"),
        ("[prometheus]\nscrape_interval = 0\n", "line 2: prometheus.scrape_interval"),
        ("nonsense = 1\n", "line 1: nonsense is not a setting"),
        ("[api\n", "not valid TOML"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_file_line_and_key(
    tmp_path: Path, text: str, line: str
) -> None:
    assert line in why(tmp_path, text)
    assert "xoxb-1" not in why(tmp_path, text)


def test_a_missing_file_says_how_to_give_one(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="give one with --config or CHIMERA_CONFIG"):
        load_settings(tmp_path / "nowhere.toml")


def test_the_environment_overrides_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHIMERA__ENVIRONMENT", "12")  # a string setting stays a string
    monkeypatch.setenv("CHIMERA__API__PORT", "9000")
    monkeypatch.setenv("CHIMERA__POLICY__TRUST", '{ shop = { "*" = "ask" } }')
    monkeypatch.setenv("CHIMERA__STORE__URL", "sqlite+aiosqlite:///other.db")
    settings = load(tmp_path, "environment = 'file'\n[api]\nport = 1\nhost = '::1'\n")
    assert settings.environment == "12"
    assert (settings.api.port, settings.api.host) == (9000, "::1")
    assert settings.policy.trust == {"shop": {"*": Trust.ASK}}
    assert settings.store.url.endswith("other.db")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CHIMERA__API__PROT", "1", "variable CHIMERA__API__PROT: api.prot is not a setting"),
        ("CHIMERA__API__PORT", "many", "variable CHIMERA__API__PORT: api.port is wrong"),
        ("CHIMERA__ENVIRONMENT__NAME", "x", "environment has no keys below it"),
        ("CHIMERA__", "x", "names no setting"),
        ("CHIMERA__POLICY__TRUST", "{ shop", "not a TOML list or table"),
    ],
)
def test_a_wrong_variable_is_named_and_not_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    text = why(tmp_path, "environment = 'shop'\n")
    assert said in text
    assert name in text


def test_a_secret_is_read_when_it_is_used_and_never_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("hunter2\n")
    settings = load(tmp_path, "[identity]\nsigning_key = 'file:key'\n")
    assert settings.identity.signing_key is not None
    assert settings.identity.signing_key.reveal() == "hunter2"
    assert "hunter2" not in repr(settings) + settings.model_dump_json()
    monkeypatch.delenv("NO_KEY", raising=False)
    unset = load(tmp_path, "[identity]\nsigning_key = 'env:NO_KEY'\n").identity.signing_key
    assert unset is not None
    with pytest.raises(Misconfigured, match="NO_KEY is not set"):
        unset.reveal()
