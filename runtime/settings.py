"""What can be set, where it comes from and what is wrong with it.

Each setting is a flag, an environment variable `VIGIL_<NAME>` and a key of `HOME/vigil.toml`, in that order;
then its default. Whatever is wrong is said in one go: which setting, what is the matter, what to do.
"""

import json
import os
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from policy.errors import Fault, Invalid
from runtime.clock import MAX_SPEED
from runtime.databases import REMEDY as DATABASE_REMEDY
from runtime.databases import is_address
from runtime.oidc_setting import REMEDIES as OIDC_REMEDIES
from runtime.oidc_setting import check_issuer, check_roles
from runtime.source_setting import NAME, SourceSetting

PREFIX = "VIGIL_"
FILE = "vigil.toml"
DEFAULT_HOME = Path("var")


class AreaSetting(BaseModel):
    """What `[areas.<key>]` in `vigil.toml` may say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pack: str


class Settings(BaseSettings):
    """Everything that can be set; read it with `load`, which also reads the home's file."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, populate_by_name=True)

    home: Path = DEFAULT_HOME
    host: str = "127.0.0.1"
    port: int = Field(default=8600, ge=1, le=65535)
    prefect_port: int = Field(default=4200, ge=1, le=65535)
    database_url: str | None = Field(default=None, repr=False)
    prefect_database_url: str | None = Field(default=None, repr=False)
    prefect_api_url: str | None = None
    prefect_auth: str | None = Field(default=None, repr=False)
    public_url: str | None = None
    pack: str = "staffordshire"
    areas: Mapping[str, AreaSetting] = Field(default_factory=dict)
    sources: Mapping[str, SourceSetting] = Field(default_factory=dict, repr=False)
    roster: Path | None = None
    example: bool = False
    demo: bool = False
    start: AwareDatetime | None = None
    speed: float | None = Field(default=None, gt=0, le=MAX_SPEED)
    json_line: bool = Field(  # `json` is a method of every pydantic model
        default=False, validation_alias="VIGIL_JSON"
    )
    token: str | None = Field(default=None, min_length=1, repr=False)
    webhook_secret: str | None = Field(default=None, repr=False)
    smtp_url: str | None = Field(default=None, repr=False)
    mail_from: str = "vigil@localhost"
    heartbeat_url: str | None = Field(default=None, repr=False)
    oidc_client_id: str | None = None
    oidc_client_secret: str | None = Field(default=None, repr=False)
    oidc_issuer: str | None = None
    oidc_scope: str = "openid profile"
    oidc_person_claim: str = Field(default="preferred_username", min_length=1)
    oidc_role_claim: str | None = None
    oidc_roles: Mapping[str, str] = Field(default_factory=dict)
    renew_secrets: bool = Field(default=False, repr=False)  # of the store, which several homes may share

    @field_validator("home", "roster")
    @classmethod
    def _whole_path(cls, path: Path | None) -> Path | None:
        return None if path is None else path.expanduser().resolve()

    @field_validator("smtp_url")
    @classmethod
    def _a_mail_server(cls, url: str | None) -> str | None:
        parts = urlsplit(url or "")
        if url and not (parts.scheme in ("smtp", "smtps") and parts.hostname and parts.port != 0):
            raise ValueError("is not smtp:// or smtps:// and a host")
        return url or None

    @field_validator("database_url", "prefect_database_url")
    @classmethod
    def _a_database(cls, url: str | None) -> str | None:
        if url and not is_address(url):
            raise ValueError("is no address of SQLite or PostgreSQL")
        return url or None

    @field_validator("heartbeat_url")
    @classmethod
    def _a_web_address(cls, url: str | None) -> str | None:
        parts = urlsplit(url or "")
        if url and not (parts.scheme in ("http", "https") and parts.hostname):
            raise ValueError("is not http:// or https:// and a host")
        return url or None

    @field_validator("oidc_issuer")
    @classmethod
    def _an_issuer(cls, issuer: str | None, others: ValidationInfo) -> str | None:
        return check_issuer(issuer, others.data.get("oidc_client_id")) if issuer else None

    @field_validator("oidc_roles")
    @classmethod
    def _roles_of_a_claim(cls, roles: Mapping[str, str]) -> Mapping[str, str]:
        return check_roles(roles)

    @field_validator("sources")
    @classmethod
    def _by_plain_names(cls, sources: Mapping[str, SourceSetting]) -> Mapping[str, SourceSetting]:
        odd = [name for name in sources if not NAME.match(name)]
        if odd:
            raise ValueError(f"{odd[0]!r} is no name for a source: write a-z, 0-9, - and _")
        return sources

    @field_validator("start")
    @classmethod
    def _in_utc(cls, start: datetime | None) -> datetime | None:
        return None if start is None else start.astimezone(UTC)

    @property
    def store_url(self) -> str:
        """Where our own store is: SQLite under the home unless a database is given."""
        return self.database_url or f"sqlite:///{self.home / 'vigil.db'}"

    @property
    def prefect_api(self) -> str:
        """Where Prefect's API is."""
        return self.prefect_api_url or f"{self.prefect_address}/api"

    @property
    def prefect_address(self) -> str:
        """What a supervisor opens to see the runs."""
        if self.prefect_api_url:
            return self.prefect_api_url.rstrip("/").removesuffix("/api")
        return f"http://{_reachable(self.host)}:{self.prefect_port}"

    @property
    def console_address(self) -> str:
        """Where the console and the API answer, as people and links name it."""
        return (self.public_url or f"http://{_reachable(self.host)}:{self.port}").rstrip("/")

    @property
    def console_here(self) -> str:
        """Where the console answers on this machine, whatever its public address."""
        return f"http://{_reachable(self.host)}:{self.port}"

    @property
    def rehearsal(self) -> bool:
        """Tell whether a rehearsal clock is asked for."""
        return self.demo or self.start is not None or self.speed is not None

    @property
    def asked_speed(self) -> float | None:
        """The speed asked for; a demo runs at 60 unless told otherwise."""
        return MAX_SPEED if self.demo and self.speed is None else self.speed

    def pack_of(self, area: str | None) -> str:
        """Give the pack that a new case of an area follows."""
        own = self.areas.get(area or "")
        return own.pack if own else self.pack

    def as_env(self) -> dict[str, str]:
        """Give what was set as environment variables, for our own child processes."""
        told = self.model_dump(mode="json", exclude_none=True, exclude_unset=True, exclude={"json_line"})
        env = {f"{PREFIX}{name.upper()}": _as_text(value) for name, value in told.items()}
        return env | {f"{PREFIX}HOME": str(self.home)}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flag, then environment, then the home's file."""
        flags = cast("InitSettingsSource", init_settings).init_kwargs
        home = Path(flags.get("home") or os.environ.get(f"{PREFIX}HOME") or DEFAULT_HOME)
        file = InitSettingsSource(settings_cls, _home_file(home.expanduser()))
        return (init_settings, env_settings, file)


def load(flags: Mapping[str, Any] | None = None) -> Settings:
    """Give the settings, or raise Invalid with every fault; a flag that is None was not given."""
    given = _renamed({name: value for name, value in (flags or {}).items() if value is not None})
    try:
        return Settings(**given)
    except ValidationError as error:
        raise Invalid("the settings have faults", [_fault(e) for e in error.errors()]) from None
    except ValueError as error:  # an environment variable that should be JSON and is not
        name = next((name for name in ("sources", "oidc_roles") if f'"{name}"' in str(error)), "areas")
        fault = Fault(name, str(error), 'write JSON such as {"stoke": {"pack": "staffordshire"}}')
        raise Invalid("the settings have faults", [fault]) from None


def _home_file(home: Path) -> dict[str, Any]:
    """Read HOME/vigil.toml; a home that names another home, or an unknown key, is a fault."""
    path = home / FILE
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        fault = Fault("home", f"{path} cannot be read ({error.strerror})", "give another folder with --home")
        raise Invalid("the settings have faults", [fault]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid("the settings have faults", [Fault(str(path), str(error), "correct the file's TOML")]) from None
    faults = [_unknown(str(path), key) for key in said if key not in _names() or key == "home"]
    if faults:
        raise Invalid("the settings have faults", faults)
    return _renamed(said)


def _renamed(said: dict[str, Any]) -> dict[str, Any]:
    return {"json_line" if name == "json" else name: value for name, value in said.items()}


def _names() -> list[str]:
    return ["json" if name == "json_line" else name for name in Settings.model_fields]


def _unknown(where: str, key: str) -> Fault:
    if key == "home":
        return Fault(f"{where}: home", "a home cannot say where it is", "use --home or VIGIL_HOME")
    near = get_close_matches(key, _names(), n=1, cutoff=0.5)
    remedy = f"did you mean {near[0]}?" if near else "known are: " + ", ".join(sorted(_names()))
    return Fault(f"{where}: {key}", "there is no such setting", remedy)


_REMEDIES = {
    **OIDC_REMEDIES,
    "port": "give a port from 1 to 65535",
    "prefect_port": "give a port from 1 to 65535",
    "speed": f"give a number above 0 and up to {MAX_SPEED:g}; real time-outs do not hurry",
    "start": "write an instant with its offset, such as 2026-01-10T19:00:00Z",
    "smtp_url": "write smtp://host:port, such as smtp://127.0.0.1:2525",
    "heartbeat_url": "write the address that is called each minute, such as https://watch.example/vigil",
    "database_url": DATABASE_REMEDY.format("--database-url", "vigil"),
    "prefect_database_url": DATABASE_REMEDY.format("--prefect-database-url", "prefect"),
    "sources": "correct the section [sources.<name>]: docs/connecting.md has an example of each kind",
    "areas": 'write [areas.<key>] and below it pack = "<name>"',
}

_SECRET = {name for name, field in Settings.model_fields.items() if not field.repr}


def _fault(error: Any) -> Fault:
    name = ".".join(str(part) for part in error["loc"]) or "settings"
    top = name.partition(".")[0]
    if error["type"] == "extra_forbidden" and "." not in name:
        return _unknown("flag", name)
    message = str(error["msg"]).removeprefix("Value error, ")
    words = message[:1].lower() + message[1:]
    if top not in _SECRET and not isinstance(error.get("input"), Mapping):
        words += f" (given: {error.get('input')!r})"
    flag = f"--{top.replace('_', '-')}"
    remedy = _REMEDIES.get(top, f"correct {flag}, {PREFIX}{top.upper()} or {top} in {FILE}")
    return Fault(name, words, remedy)


def _reachable(host: str) -> str:
    if host in ("0.0.0.0", "::", ""):  # noqa: S104 - compared, never bound to here
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
