"""What the doctor found: one line a check, and a verdict."""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

from emberlake.engine.machine import GIB, cores, memory

Status = Literal["ok", "caveat", "blocked"]
Verdict = Literal["READY", "CAVEATS", "BLOCKED"]


@dataclass(frozen=True)
class Check:
    """One thing that was tried.

    Attributes:
        name: a few words, the same at every run: "java", "delta on sail".
        status: ok; caveat: works, with a limit; blocked: what was asked for cannot work.
        sentence: what was found.
        what_to_do: empty when all is well.
        seconds: how long the trial took.
    """

    name: str
    status: Status
    sentence: str
    what_to_do: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Diagnosis:
    """All checks, in the order in which they are told."""

    checks: tuple[Check, ...]

    @property
    def verdict(self) -> Verdict:
        """BLOCKED when one check is, else CAVEATS when one has one, else READY."""
        found = {check.status for check in self.checks}
        return "BLOCKED" if "blocked" in found else "CAVEATS" if "caveat" in found else "READY"

    @property
    def exit_code(self) -> int:
        """0 for READY and CAVEATS, 1 for BLOCKED."""
        return 1 if self.verdict == "BLOCKED" else 0

    def to_dict(self) -> dict[str, Any]:
        """For JSON: verdict, exit_code, checks (as `Check` has them) and the versions of what was tried."""
        return {
            "verdict": self.verdict,
            "exit_code": self.exit_code,
            "checks": [asdict(check) | {"seconds": round(check.seconds, 3)} for check in self.checks],
            "machine": {
                "platform": platform.platform(),
                "python": sys.version.split()[0],
                "cores": cores(),
                "memory_gib": round(memory() / GIB, 1),
            },
            "versions": {name: _version(name) for name in ("pyspark", "delta-spark", "pysail", "deltalake", "duckdb")},
        }


def timed(trial: Callable[[], Check]) -> Check:
    """A check with its seconds; a trial that fails in a way nobody foresaw is blocked, not the doctor's end."""
    begin = time.perf_counter()
    try:
        check = trial()
    except Exception as e:
        name = trial.__name__.replace("_", " ")
        check = Check(name, "blocked", f"The check itself failed: {e!r}", "Report this with --debug's output.")
    return replace(check, seconds=time.perf_counter() - begin)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
