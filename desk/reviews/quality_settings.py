"""How much QA samples, what counts as risk, and the scorecard: `data/quality.yml`."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from desk.errors import InvalidInput
from desk.settings import PROJECT_DIR

FILE = PROJECT_DIR / "data" / "quality.yml"
POINTS = 5
"""Points a criterion has at most."""
SIGNS = ("grievance", "urgent", "curt", "slow", "record")

_PerDay = Annotated[int, Field(ge=0, le=1000)]
_Weight = Annotated[float, Field(ge=0, le=100)]


class Criterion(BaseModel):
    """One line of the scorecard; weights need not add up to anything."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,31}$")]
    name: Annotated[str, Field(min_length=1, max_length=20)]
    weight: Annotated[float, Field(gt=0, le=100)]
    hint: Annotated[str, Field(max_length=100)] = ""


class QualitySettings(BaseModel):
    """The file's content; each field as the file explains it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    random_per_day: _PerDay
    risk_per_day: _PerDay
    second_share: Annotated[float, Field(ge=0, le=1)]
    appeal_days: Annotated[int, Field(ge=1, le=90)]
    risk: Mapping[str, _Weight]
    curt_characters: Annotated[int, Field(ge=0, le=100)]
    slow_minutes: Annotated[int, Field(ge=1, le=1440)]
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1, max_length=20)]

    @model_validator(mode="after")
    def _names(self) -> "QualitySettings":
        if set(self.risk) != set(SIGNS):
            raise ValueError(f"risk: {', '.join(SIGNS)}")
        if len({one.id for one in self.criteria}) < len(self.criteria):
            raise ValueError("criteria: id")
        return self


def read_settings(path: Path = FILE) -> QualitySettings:
    """Read and check the file.

    Raises:
        InvalidInput: unreadable, or fields missing, unknown or out of range; names them all.
    """
    try:
        raw: Any = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        return QualitySettings.model_validate(raw)
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise InvalidInput("errors.quality_unreadable", file=path.name) from error
    except ValidationError as error:
        fields = [".".join(map(str, one["loc"])) or str(one["msg"]) for one in error.errors()]
        found = "、".join(dict.fromkeys(fields))
        raise InvalidInput("errors.quality_invalid", file=path.name, fields=found) from error


@cache
def quality_settings() -> QualitySettings:
    """Return the settings of this installation, read once."""
    return read_settings()
