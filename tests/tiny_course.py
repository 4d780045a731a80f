"""A whole course of one module, one notebook and one starter, for tests of what reads and shows a course."""

from __future__ import annotations

from pathlib import Path

EXERCISES = "".join(
    f"""
[[module.exercise]]
name = "0{number}_task_{letter}"
title = "Task {number}"
goal = "Return the number {number}."
minutes = 5
hints = ["Which number?", "The number {number}."]
"""
    for number, letter in enumerate("abcdef", 1)
)
LIST = f"""title = "A tiny course"

[[module]]
number = 2
name = "02_tiny"
title = "Tiny"
goal = "Read a table."
minutes = 10
lab = 12
{EXERCISES}
[[workshop]]
name = "01_speedrun"
title = "Speedrun"
minutes = 20

[[starter]]
name = "churn"
title = "Churn"
goal = "Who leaves next?"
"""
LESSON = """# %% [markdown]
# # Module 2: Tiny
#
# *About 10 minutes; 6 exercises.*
#
# ## Goals
#
# - Read a table.
# - Count its rows.
# - Say what it cost.

# %% [markdown]
# ## A table
#
# ![A table of three rows](pictures/table.svg)
#
# `emberlake learn check 2.1` checks it; `emberlake lake catalog` lists all.
#
# **Exercises:** 2.1, 2.2, 2.3

# %%
rows = [1, 2, 3]
print(len(rows))

# %% [markdown]
# ## Naive and tuned
#
# **Exercises:** 2.4, 2.5, 2.6

# %% [markdown]
# ## Summary
#
# A table has rows.
#
# ## What to read next
#
# - [Spark SQL guide](https://spark.apache.org/docs/latest/sql-programming-guide.html)
"""
LAB = """# %% [markdown]
# # Lab 2: A count of nothing
#
# ## What happened

# %%
try:
    1 / 0
except ZeroDivisionError as error:
    print(error)

# %% [markdown]
# ## Find it
#
# ## Mend it
#
# ## Prevent it

# %%
assert 1 / 1 == 1
"""
QUIZ = (
    "".join(
        f"""[[question]]
text = "Which number comes after {number}?"
options = ["{number + 1}", "{number}", "{number + 2}"]
answer = 0
why = "Counting goes on by one; the one after it leaves a number out."

"""
        for number in range(5)
    )
    + """[[question]]
text = "What does a filter return?"
options = ["All rows", "No rows", "Rows for which it is true"]
answer = 2
why = "Rows for which it is null are left out, too, which the first option misses."
"""
)
PICTURE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 60">
  <title>A table</title>
  <desc>Three rows.</desc>
  <rect width="200" height="60" fill="white"/>
  <text x="10" y="30" font-family="sans-serif" font-size="14" fill="#0072B2">three rows</text>
</svg>
"""
NOTEBOOK = "# %% [markdown]\n# # A page\n\n# %%\nprint(6 * 7)\n"


def write_course(folder: Path) -> Path:
    """Write it; returns the folder."""
    module = folder / "modules/02_tiny"
    files = {
        folder / "course.toml": LIST,
        module / "lesson.py": LESSON,
        module / "lab.py": LAB,
        module / "quiz.toml": QUIZ,
        module / "pictures/table.svg": PICTURE,
        folder / "workshop/01_speedrun.py": NOTEBOOK,
        folder / "projects/churn.py": NOTEBOOK,
        folder / "projects/RUBRIC.md": "# Rubric\n",
        folder / "GLOSSARY.md": "# Glossary\n",
    }
    for number, letter in enumerate("abcdef", 1):
        files[folder / f"exercises/02_tiny/0{number}_task_{letter}.py"] = (
            f"# %% [markdown]\n# # 2.{number} Task {number}\n\n# %%\ndef answer(spark, lake):\n    ...\n"
        )
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
