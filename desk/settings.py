"""Settings of one installation, read from `KEFU_*` environment variables and an optional `.env`."""

import json
import secrets
from datetime import time
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from desk.secret_files import rewrite_secrets

PROJECT_DIR = Path(__file__).resolve().parent.parent
TOKENS = ("rasa_token", "action_token")


class Settings(BaseSettings):
    """Where things are and how processes find one another; every field is `KEFU_<NAME>`.

    Secrets that are not given are made once and kept in `<data_dir>/secrets.json` (mode 0600);
    `desk.key_ring` says how the keys of personal data are given.
    """

    model_config = SettingsConfigDict(env_prefix="KEFU_", env_file=".env", extra="ignore")

    data_dir: Path = PROJECT_DIR / "var"
    models_dir: Path = PROJECT_DIR / "models"
    company_file: Path = PROJECT_DIR / "data" / "company.yml"
    database_url: str = ""
    tracker_db_url: str = ""
    backup_recipients: list[str] = Field(default_factory=list)
    seal_recipient: str = ""
    redis_url: str = ""

    host: str = "127.0.0.1"
    port: int = 8000
    action_host: str = "127.0.0.1"
    action_port: int = 5055
    action_url: str = ""
    rasa_host: str = "127.0.0.1"
    rasa_port: int = 5005
    rasa_processes: int = Field(default=1, ge=1, le=64)
    rasa_urls: list[str] = Field(default_factory=list)
    rasa_timeout_s: float = 20.0
    rasa_start_s: float = 60.0
    rasa_token: str = Field(default="", repr=False)
    action_token: str = Field(default="", repr=False)

    keys: dict[str, str] = Field(default_factory=dict, repr=False)
    index_key: str = Field(default="", repr=False)
    seal_key: str = Field(default="", repr=False)
    keys_file: Path | None = None

    log_format: Literal["text", "json"] = "text"
    otlp_url: str = ""
    metrics_token: str = Field(default="", repr=False)

    secure_cookies: bool = False
    session_idle_minutes: int = Field(default=30, ge=1, le=12 * 60)
    allowed_origins: list[str] = Field(default_factory=list)
    embed_origins: list[str] = Field(default_factory=lambda: ["*"])
    demo: bool = True

    admin_factor: bool = True
    local_login: Literal["all", "admins"] = "all"
    local_login_except: list[str] = Field(default_factory=list)
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = Field(default="", repr=False)
    oidc_name: str = ""
    oidc_scopes: list[str] = Field(default_factory=lambda: ["openid", "profile", "email"])
    oidc_match: Literal["linked", "email", "login"] = "email"
    oidc_login_claim: str = "preferred_username"
    oidc_groups_claim: str = "groups"
    oidc_domains: list[str] = Field(default_factory=list)
    oidc_roles: dict[str, str] = Field(default_factory=dict)
    oidc_second_factor: Literal["amr", "trust", "ask"] = "amr"
    oidc_return_url: str = ""

    smtp_url: str = ""
    smtp_sender: str = ""
    sms_url: str = ""
    sms_token: str = ""
    sms_file: str = ""
    webhook_private_hosts: list[str] = Field(default_factory=list)

    report_recipients: dict[Literal["day", "week", "month", "quarter", "year"], list[str]] = Field(
        default_factory=dict
    )
    report_daily_at: time = time(17, 30)
    report_morning_at: time = time(8, 30)

    @property
    def effective_database_url(self) -> str:
        """SQLAlchemy URL; by default one SQLite file in `data_dir`."""
        return self.database_url or f"sqlite:///{self.data_dir / 'kefu.db'}"

    @property
    def effective_tracker_db_url(self) -> str:
        """SQLAlchemy URL of Rasa's record of the talks; by default a file in `data_dir`, or the
        desk's own database on PostgreSQL."""
        if self.tracker_db_url:
            return self.tracker_db_url
        if self.database_url.startswith("postgresql"):
            return self.database_url
        return f"sqlite:///{self.data_dir / 'tracker.db'}?timeout=30"

    @property
    def effective_rasa_urls(self) -> list[str]:
        """Base URLs of the Rasa servers; by default those that `kefu up` starts."""
        ports = range(self.rasa_port, self.rasa_port + self.rasa_processes)
        return self.rasa_urls or [f"http://127.0.0.1:{port}" for port in ports]

    @property
    def effective_action_url(self) -> str:
        """Where Rasa calls the actions; by default the desk on the same machine."""
        return self.action_url or f"http://127.0.0.1:{self.action_port}/webhook"

    def environment(self) -> dict[str, str]:
        """Return the `KEFU_*` variables that give a child process these settings."""
        return {
            f"KEFU_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
            for name, value in self.model_dump(mode="json", exclude_none=True).items()
        }

    @property
    def secrets_path(self) -> Path:
        """The file with what was made because it was not given."""
        return self.data_dir / "secrets.json"

    @cached_property
    def secret_values(self) -> dict[str, str]:
        """Tokens between our own processes, as set or as made once: `rasa_token`,
        `action_token`."""
        given = {name: getattr(self, name) for name in TOKENS if getattr(self, name)}
        if len(given) == len(TOKENS):
            return given

        def complete(values: dict[str, Any]) -> dict[str, Any]:
            missing = {name: secrets.token_urlsafe(32) for name in TOKENS if name not in values}
            return values | missing

        values = rewrite_secrets(self.secrets_path, complete)
        return {name: str(values[name]) for name in TOKENS} | given
