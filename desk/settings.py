"""Settings of one installation, read from `KEFU_*` environment variables and an optional `.env`."""

import json
import os
import secrets
from functools import cached_property
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_DIR = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Where things are and how processes find one another; every field is `KEFU_<NAME>`.

    Secrets that are not given are made once and kept in `<data_dir>/secrets.json` (mode 0600).
    """

    model_config = SettingsConfigDict(env_prefix="KEFU_", env_file=".env", extra="ignore")

    data_dir: Path = PROJECT_DIR / "var"
    models_dir: Path = PROJECT_DIR / "models"
    company_file: Path = PROJECT_DIR / "data" / "company.yml"
    database_url: str = ""
    redis_url: str = ""

    host: str = "127.0.0.1"
    port: int = 8000
    action_port: int = 5055
    rasa_port: int = 5005
    rasa_urls: list[str] = Field(default_factory=list)
    rasa_timeout_s: float = 20.0

    secure_cookies: bool = False
    allowed_origins: list[str] = Field(default_factory=list)
    embed_origins: list[str] = Field(default_factory=lambda: ["*"])
    demo: bool = True

    smtp_url: str = ""
    smtp_sender: str = ""
    sms_url: str = ""
    sms_token: str = ""
    sms_file: str = ""
    webhook_private_hosts: list[str] = Field(default_factory=list)

    @property
    def effective_database_url(self) -> str:
        """SQLAlchemy URL; by default one SQLite file in `data_dir`."""
        return self.database_url or f"sqlite:///{self.data_dir / 'kefu.db'}"

    @property
    def effective_rasa_urls(self) -> list[str]:
        """Base URLs of the Rasa servers; by default the one that `kefu up` starts."""
        return self.rasa_urls or [f"http://127.0.0.1:{self.rasa_port}"]

    def environment(self) -> dict[str, str]:
        """Return the `KEFU_*` variables that give a child process these settings."""
        return {
            f"KEFU_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
            for name, value in self.model_dump(mode="json").items()
        }

    @cached_property
    def secret_values(self) -> dict[str, str]:
        """Tokens and keys: `rasa_token`, `action_token`, `encryption_key` (Fernet)."""
        path = self.data_dir / "secrets.json"
        if path.exists():
            return dict(json.loads(path.read_text(encoding="utf-8")))
        return self._make_secrets(path)

    def _make_secrets(self, path: Path) -> dict[str, str]:
        from cryptography.fernet import Fernet

        values = {
            "rasa_token": secrets.token_urlsafe(32),
            "action_token": secrets.token_urlsafe(32),
            "encryption_key": Fernet.generate_key().decode(),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return dict(json.loads(path.read_text(encoding="utf-8")))
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(values, file)
        return values
