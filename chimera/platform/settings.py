"""Settings: one typed TOML file, `chimera.toml`, and `CHIMERA__SECTION__KEY` from the environment;
secrets by reference only.

A secret is written `env:NAME` or `file:PATH` and is read when it is used; its value is never
printed. Relative paths are relative to the file.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from chimera.domain import Misconfigured, Planned, Signal, Trust
from chimera.domain.alerting import hours
from chimera.platform.environment import Override, blamed, merged, overrides

CONFIG_VARIABLE = "CHIMERA_CONFIG"


class Section(BaseModel):
    """A table of the file; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Secret(str):
    """A reference to a secret, `env:NAME` or `file:PATH`. `reveal()` reads it; printing shows the reference."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(cls.parse, core_schema.str_schema())

    @classmethod
    def parse(cls, value: str) -> Secret:
        if not value.startswith(("env:", "file:")):
            raise ValueError("secrets are given by reference: env:NAME or file:PATH")
        return cls(value)

    def reveal(self) -> str:
        """The secret itself. Raises Misconfigured when the variable or the file is not there."""
        kind, _, where = self.partition(":")
        if kind == "env":
            if where not in os.environ:
                raise Misconfigured(
                    f"the environment variable {where} is not set; set it to the secret"
                )
            return os.environ[where]
        try:
            return Path(where).read_text().strip()
        except OSError as error:
            raise Misconfigured(
                f"the secret file {where} cannot be read: {error.strerror}"
            ) from error


class Store(Section):
    url: str = "sqlite+aiosqlite:///chimera.db"


class Temporal(Section):
    address: str = "127.0.0.1:7233"
    namespace: str = "default"
    task_queue: str = "chimera"


class Prometheus(Section):
    url: str = "http://127.0.0.1:9090"
    public_url: str | None = None  # for links that people open
    token: Secret | None = None
    scrape_interval: float = Field(5.0, gt=0)  # seconds; the step of every series
    history: float = Field(3600.0, gt=0)  # seconds of past that detection reads at its start
    timeout: float = Field(10.0, gt=0)


class Logs(Section):
    directory: Path | None = None


class EstateFile(Section):
    file: Path | None = None


class Api(Section):
    host: str = "127.0.0.1"
    port: int = 8300
    url: str = "http://127.0.0.1:8300"
    worker_metrics_port: int = 8301
    alertmanager_token: Secret | None = None  # what Alertmanager must show at the webhook


class Identity(Section):
    people: Path | None = None
    signing_key: Secret | None = None


def with_offset(value: Any) -> Any:
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError(
            f"{value.isoformat()} has no offset from UTC; add one, like {value.isoformat()}Z"
        )
    return value


class Freeze(Section):
    """A stretch of time in which nothing is changed."""

    environment: str = "*"
    begins: AwareDatetime
    ends: AwareDatetime
    reason: str = "change freeze"

    _offset = field_validator("begins", "ends", mode="before")(with_offset)


class Maintenance(Planned):
    """A row of `[[maintenance]]`: a stretch of time, or weekly hours."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    begins: AwareDatetime | None = None
    ends: AwareDatetime | None = None

    _offset = field_validator("begins", "ends", mode="before")(with_offset)

    @field_validator("weekly")
    @classmethod
    def _readable(cls, weekly: tuple[str, ...]) -> tuple[str, ...]:
        for text in weekly:
            hours(text, datetime.now(UTC))
        return weekly

    @model_validator(mode="after")
    def _some_time(self) -> Maintenance:
        if (self.begins is None) != (self.ends is None):
            raise ValueError("begins and ends belong together; give both, or weekly hours")
        if self.begins is None and not self.weekly:
            raise ValueError("it says no time; give begins and ends, or weekly hours")
        if self.begins and self.ends and self.ends <= self.begins:
            raise ValueError("it ends before it begins")
        return self


class Policy(Section):
    directory: Path | None = None  # Cedar policies; the ones that ship with Chimera if not given
    # environment -> runbook (or "*") -> level. What is not named is in `observe`.
    trust: dict[str, dict[str, Trust]] = Field(default_factory=dict)
    changes_per_hour: int = Field(10, ge=0)  # per environment
    rollbacks_before_ask: int = Field(2, ge=1)  # in an hour: the level drops to `ask`
    approval_minutes: float = Field(30.0, gt=0)
    freezes: tuple[Freeze, ...] = ()


class Loop(Section):
    """The incident loop's clocks, in scrape intervals where not said otherwise."""

    settle: int = Field(3, ge=0)  # from opening to diagnosis: let symptoms gather, let blips pass
    verify_wait: int = Field(3, ge=0)  # after a change, before its proof is asked for
    verify_for: int = Field(9, ge=1)  # how long the proof may take; twice that while it gets better
    quiet: int = Field(4, ge=1)  # healthy for so long: resolved
    cool_down_seconds: float = Field(120.0, ge=0)  # between two orders on one target
    attempts: int = Field(3, ge=1)  # orders an incident may cost before a person has it


class Detection(Section):
    """How much odd has to be before it is told of."""

    # Over everything that is watched together.
    false_alarms_per_week: float = Field(100.0, gt=0)


class Memory(Section):
    """What resolved incidents taught, and how much it weighs."""

    weighs: bool = True  # off: every incident is looked at as if it were the first
    half_life_days: float = Field(30.0, gt=0)


class ServiceNow(Section):
    url: str
    user: str
    password: Secret
    assignment_group: str = ""


class Slack(Section):
    token: Secret  # bot token
    signing_secret: Secret
    channel: str
    api_url: str = "https://slack.com/api/"


class Page(Section):
    url: str
    token: Secret | None = None


class ActuatorAccess(Section):
    kind: Literal["processes"] = "processes"
    url: str
    token: Secret


class ModelBudget(Section):
    """What a model may cost; none: no limit. Kept in the store, so a restart forgets nothing."""

    tokens: int | None = Field(None, ge=0)  # in and out
    money: float | None = Field(None, ge=0)  # in the currency of the prices
    seconds: float | None = Field(None, ge=0)  # spent waiting for it


class ConversationBudget(ModelBudget):
    """Of one chat thread, or of one incident."""

    tokens: int | None = Field(200_000, ge=0)
    seconds: float | None = Field(900.0, ge=0)


class DayBudget(ModelBudget):
    """Of one day in UTC."""

    tokens: int | None = Field(2_000_000, ge=0)


class Model(Section):
    """Any address that speaks OpenAI's chat completions: hosted, vLLM, Ollama."""

    url: str
    name: str
    key: Secret | None = None
    tools: Literal["auto", "native", "json"] = "auto"
    stream: bool = True
    timeout: float = Field(30.0, gt=0)  # of one request
    retries: int = Field(2, ge=0, le=10)
    turn_seconds: float = Field(60.0, gt=0)  # of one chat answer, all its requests together
    investigation_seconds: float = Field(10.0, ge=0)  # of one investigation; 0: not asked
    temperature: float | None = Field(0.0, ge=0, le=2)  # none: the server's own
    context: int = Field(16_000, ge=2_000)  # tokens that a request may hold, the answer included
    answer: int = Field(1_000, ge=100)  # tokens of one answer
    price_in: float = Field(0.0, ge=0)  # of a million tokens
    price_out: float = Field(0.0, ge=0)
    conversation: ConversationBudget = ConversationBudget()
    day: DayBudget = DayBudget()


class InfoMetric(Section):
    """A metric whose label tells what is deployed: when the label changes, something was changed."""

    metric: str
    label: str
    kind: Literal["release", "configuration", "schema", "scale", "schedule", "other"] = "release"
    key_label: str | None = None
    service_label: str | None = None  # `Settings.service_label` if not given


class Watched(Signal):
    """A row of `[[watch]]`. Payloads forgive unknown fields; a file that a person writes does not."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def a_signal_is_a_row(cls, value: Any) -> Any:
        return value.model_dump() if isinstance(value, Signal) else value


class Guard(Section):
    hosts: tuple[str, ...] = ()  # beside those that the settings name; `.example.org` is a domain


class Telemetry(Section):
    otlp_endpoint: str | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"


class Settings(Section):
    """Everything that can be set."""

    environment: str = "default"
    home: Path = Path(".chimera")  # Chimera's own folder, for what extensions keep in files
    store: Store = Store()
    temporal: Temporal = Temporal()
    prometheus: Prometheus = Prometheus()
    logs: Logs = Logs()
    estate: EstateFile = EstateFile()
    api: Api = Api()
    identity: Identity = Identity()
    policy: Policy = Policy()
    loop: Loop = Loop()
    detection: Detection = Detection()
    memory: Memory = Memory()
    servicenow: ServiceNow | None = None
    slack: Slack | None = None
    page: Page | None = None
    actuator: ActuatorAccess | None = None
    model: Model | None = None
    telemetry: Telemetry = Telemetry()
    guard: Guard = Guard()
    changes: tuple[InfoMetric, ...] = (
        InfoMetric(metric="app_info", label="version", kind="release"),
        InfoMetric(metric="app_config_info", label="value", kind="configuration", key_label="key"),
        InfoMetric(
            metric="dataset_schema_info", label="fingerprint", kind="schema", key_label="dataset"
        ),
    )
    watch: tuple[Watched, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()

    @property
    def service_label(self) -> str:
        """What most [[watch]] rows name services by; for metrics of which nothing else is said."""
        named = Counter(row.service_label for row in self.watch)
        return named.most_common(1)[0][0] if named else "service"

    @field_validator("watch")
    @classmethod
    def names_are_unique(cls, watch: tuple[Watched, ...]) -> tuple[Watched, ...]:
        names = [signal.name for signal in watch]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two signals are called {twice[0]!r}; a name is used once")
        return watch


def find_config(given: Path | None = None) -> Path:
    """The settings file: the one given, $CHIMERA_CONFIG, or ./chimera.toml."""
    return given or Path(os.environ.get(CONFIG_VARIABLE, "chimera.toml"))


def load_settings(given: Path | None = None) -> Settings:
    """Read the settings. Raises Misconfigured with one line: file, line, key, what to do."""
    path = find_config(given)
    try:
        text = path.read_text()
    except OSError as error:
        raise Misconfigured(
            f"the settings file {path} cannot be read ({error.strerror}); "
            f"give one with --config or {CONFIG_VARIABLE}, or start the practice stack with `chimera up`"
        ) from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"{path} is not valid TOML: {error}") from error
    given_by_environment = overrides(os.environ)
    try:
        settings = Settings.model_validate(merged(data, given_by_environment))
    except ValidationError as error:
        raise Misconfigured(explain(path, text, error, given_by_environment)) from error
    return rooted(settings, path.resolve().parent)


def explain(
    path: Path, text: str, error: ValidationError, given: list[Override] | None = None
) -> str:
    """The first problem as one line that names file, line and key, or the variable to blame."""
    # A misspelt key comes first: it explains the one that is missing.
    first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    keys = [str(part) for part in first["loc"]]
    name = ".".join(keys)
    line = line_of(
        text, [str(part) for part in first["loc"] if isinstance(part, str)], first["loc"]
    )
    what = {
        "extra_forbidden": "is not a setting; remove it or correct its name",
        "missing": "is missing; add it",
    }.get(first["type"], f"is wrong: {first['msg'].removeprefix('Value error, ')}")
    override = blamed(given or [], first["loc"])
    if override is not None:
        return f"the environment variable {override.variable}: {name} {what}"
    return f"{path}, line {line}: {name} {what}"


def line_of(text: str, names: list[str], location: tuple[int | str, ...]) -> int:
    """The line a key stands on, or the nearest table above it; 1 if neither is there."""
    lines = text.splitlines()
    start, found = 0, 1
    for depth, part in enumerate(location):
        if isinstance(part, int):
            continue
        following = location[depth + 1] if depth + 1 < len(location) else None
        table = re.compile(rf"^\s*\[\[?(?:[\w.\"-]+\.)?\"?{re.escape(part)}\"?\]\]?")
        key = re.compile(rf"^\s*\"?{re.escape(part)}\"?\s*(=|\.)")
        skip = following if isinstance(following, int) else 0
        for number in range(start, len(lines)):
            if table.match(lines[number]) or key.match(lines[number]):
                if skip:
                    skip -= 1
                    continue
                start, found = number, number + 1
                break
    return found


def rooted(settings: Settings, base: Path) -> Settings:
    """Make every relative path absolute, relative to the settings file."""

    def fix(section: BaseModel) -> BaseModel:
        changed: dict[str, Any] = {}
        for name, value in section:
            if isinstance(value, Secret) and value.startswith("file:"):
                changed[name] = Secret("file:" + str(base / value.removeprefix("file:")))
            elif isinstance(value, Path):
                changed[name] = base / value
            elif isinstance(value, Section):
                changed[name] = fix(value)
        return section.model_copy(update=changed) if changed else section

    fixed = fix(settings)
    assert isinstance(fixed, Settings)
    kind, slashes, file = fixed.store.url.partition(":///")
    if kind.startswith("sqlite") and slashes and not file.startswith(("/", ":memory:")):
        store = fixed.store.model_copy(update={"url": f"{kind}:///{base / file}"})
        fixed = fixed.model_copy(update={"store": store})
    return fixed
