"""Every knob in one frozen object, read once, at the entry point.

Values come from, in this order: the command line, the environment (`EMBERLAKE_…`), the defaults below.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from emberlake.errors import SettingsError

EngineName = Literal["auto", "sail", "spark"]


def _user_cache() -> Path:
    return Path("~/.cache/emberlake").expanduser()


class Settings(BaseSettings):
    """What a run needs to know; frozen, so that it can be handed to child processes as it is.

    Raises:
        SettingsError: through `read_settings`, when a value is not accepted.
    """

    model_config = SettingsConfigDict(env_prefix="EMBERLAKE_", frozen=True, extra="forbid")

    root: Path = Field(Path(".emberlake"), description="folder under which everything a run writes lies")
    engine: EngineName = Field("auto", description="auto, sail (embedded) or spark")
    master: str = Field("local[*]", description="Spark master: local[*], spark://host:port, k8s://…, sc://host:port")
    driver_memory: str = Field(
        "", description="Spark driver heap, such as 4g; empty: a third of the machine, at most 4g"
    )
    java_home: Path | None = Field(None, description="a Java 17 or 21; empty: JAVA_HOME, PATH, then the bundled JRE")
    cache: Path = Field(default_factory=_user_cache, description="the user's cache of JARs and class-data archives")
    kafka_bootstrap: str = Field("", description="an external Kafka, host:port[,…]; empty: the broker of our own")
    kafka_config: Path | None = Field(
        None, description="a file of Kafka client settings (security.protocol, sasl.…), one name=value a line"
    )
    metrics_port: int = Field(
        9464, ge=0, le=65_535, description="first port tried for Prometheus on 127.0.0.1, while a stream runs; 0: none"
    )
    stream_alerts: str = Field(
        "",
        description="thresholds of the streams' alerts, name=value[,…]; `emberlake stream alerts --kinds` lists them",
    )
    offline: bool = Field(False, description="never reach for the network, fail instead")
    seed: int = Field(42, ge=0, le=2**32 - 1, description="seed of the made shop")
    scale: float = Field(1.0, gt=0, le=10_000, description="size of the made shop: 1 is 10,000 users and 50,000 orders")
    course_folder: Path = Field(
        Path("emberlake-course"), description="folder of a learner's exercises, progress and small lake"
    )
    debug: bool = Field(False, description="show tracebacks")

    @field_validator("root", "cache", "course_folder")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    # The layout under the root: the only place that knows it.
    @property
    def landing(self) -> Path:
        """Source files that the made shop exports, one folder a table."""
        return self.root / "landing"

    @property
    def lake(self) -> Path:
        """Delta tables: `bronze/`, `silver/`, `gold/` and `quarantine/`, one folder a table."""
        return self.root / "lake"

    @property
    def state(self) -> Path:
        """SQLite files, locks and feeds: what is not a table."""
        return self.root / "state"

    @property
    def models(self) -> Path:
        """What trainings leave: MLflow's store and artefacts, exported models."""
        return self.root / "models"

    @property
    def trials(self) -> Path:
        """A/B tests: their plans, exposures and readings."""
        return self.root / "trials"

    @property
    def streams(self) -> Path:
        """Checkpoints of live queries and what they remember, one folder a stream."""
        return self.state / "streams"

    @property
    def logs(self) -> Path:
        """What engines have to say; never the terminal."""
        return self.root / "logs"

    @property
    def reports(self) -> Path:
        """Written reports, dictionaries and pictures."""
        return self.root / "reports"

    @property
    def scratch(self) -> Path:
        """Spill and temporary files; safe to delete when nothing runs."""
        return self.root / "scratch"


def read_settings(**given: object) -> Settings:
    """Settings from the command line's values (None means "not given"), the environment and the defaults."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as e:
        first = e.errors()[0]
        name = ".".join(str(part) for part in first["loc"]) or "settings"
        raise SettingsError(
            f"Setting {name!r} is {first.get('input')!r}: {first['msg']}.",
            f"Give --{name.replace('_', '-')} or EMBERLAKE_{name.upper()} an accepted value.",
        ) from e
