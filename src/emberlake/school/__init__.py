"""The learner's side of the course: exercises checked by their rows and their plans, and plans explained.

Public: `explain_plan` draws any DataFrame's plan; `desk`, `check` and `workbench` are for notebooks. The command
line uses `Learner` (folder and progress), `read_course` and `Worker`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emberlake.school.plans import explain_plan
    from emberlake.school.tryout import check, desk
    from emberlake.school.workshop import workbench

__all__ = ["check", "desk", "explain_plan", "workbench"]


def __getattr__(name: str) -> Any:
    # PySpark and the checks are loaded when they are first used: `emberlake learn list` needs none of them.
    if name in ("check", "desk"):
        from emberlake.school import tryout

        return getattr(tryout, name)
    if name == "workbench":
        from emberlake.school.workshop import workbench

        return workbench
    if name == "explain_plan":
        from emberlake.school.plans import explain_plan

        return explain_plan
    raise AttributeError(f"module 'emberlake.school' has no attribute {name!r}")
