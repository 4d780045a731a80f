"""A reading as a page: one HTML file that needs nothing else, not even a network, for those who decide."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from emberlake.trials import plots
from emberlake.trials.exposures import CONFLICT
from emberlake.trials.health import MISMATCH
from emberlake.trials.planner import inflation
from emberlake.trials.reading import Line, Reading
from emberlake.trials.verdict import percent

if TYPE_CHECKING:
    import plotly.graph_objects as go

_GLOSSARY = {
    "Control, treatment": "The users who see the shop as it is, and those who see what is tried. Chance alone decides"
    " who is in which, so that what differs later was caused by the treatment.",
    "Interval": "The range of changes that fit the data. Of many such trials, the range misses the truth in one of"
    " {one_in}.",
    "p": "How often chance alone makes a difference at least as large where there is none. Where several metrics are"
    " asked at once, it is raised to make up for that (Holm's correction).",
    "Guardrail": "A metric that must not get worse. Safe: a worsening beyond its margin is ruled out. Harmed: it got"
    " worse, beyond chance. Unclear: neither; more users would tell.",
    "CUPED": "Users differ from each other long before a trial. What they did before it is taken out of the comparison,"
    " which makes the ranges narrower and changes nothing else.",
    "Sample ratio mismatch": "Variants whose users are not split as planned. Then something loses users of one of them,"
    " and no comparison can be trusted.",
    "Peek": "A look before the planned end. Who looks daily and stops at the first good day finds an effect where there"
    " is none, far more often than one would think; only a sequential trial allows it.",
}  # fmt: skip


def page(reading: Reading) -> str:
    """The page's text. Plotly's script comes out of the installed wheel and lies inside."""
    from plotly.offline import get_plotlyjs

    trial = reading.trial
    [title] = {line.metric.title for line in reading.lines if line.role == "decides"}
    several = len(trial.treatments) > 1
    template = Template((files("emberlake.trials") / "page.html").read_text(encoding="utf-8"))
    return template.substitute(
        name=escape(trial.name),
        script=f"<script>{get_plotlyjs()}</script>",
        about=f"{trial.since:%-d %B %Y} to {reading.until:%-d %B %Y} (that day not included, UTC) ·"
        f" {reading.health.compared:,} users · decided by {title.lower()}",
        verdicts="".join(_verdicts(reading)),
        confidence=f"{1 - trial.alpha:.0%}",
        always=", whenever one looks" if trial.sequential else "",
        differences=_div(plots.differences(reading)),
        variant_head="<th>variant</th>" if several else "",
        control=escape(trial.control),
        rows="".join(_row(line, several, trial.alpha) for line in reading.lines if line.found),
        missing="".join(
            f'<p class="small">{escape(line.metric.title)}: {escape(line.why_not)}</p>'
            for line in reading.lines
            if line.why_not
        ),
        metric=escape(title),
        daily_note=_daily_note(reading),
        by_day=_div(plots.by_day(reading)),
        users=_div(plots.users(reading)),
        checks="".join(f"<li>{line}</li>" for line in checks(reading)),
        plan=escape(_plan(reading)),
        glossary="".join(
            f"<dt>{word}</dt><dd>{text.format(one_in=round(1 / trial.alpha))}</dd>" for word, text in _GLOSSARY.items()
        ),
    )


def _div(figure: go.Figure) -> str:
    return str(
        figure.to_html(include_plotlyjs=False, full_html=False, config={"displayModeBar": False, "responsive": True})
    )


def _verdicts(reading: Reading) -> list[str]:
    made = []
    for verdict in reading.verdicts:
        look = verdict.outcome if reading.final else "peek"
        made.append(
            f'<section class="verdict {look}"><strong>{escape(verdict.sentence)}</strong>'
            f"<p>{escape(verdict.advice)}</p></section>"
        )
    return made if reading.final else made[:1]


def _row(line: Line, several: bool, alpha: float) -> str:
    found = line.found
    assert found is not None

    def value(x: float) -> str:
        return f"{x:.2%}" if line.metric.unit == "share" else f"{x:,.2f}{' €' if line.metric.unit == 'EUR' else ''}"

    means = {"decides": "decides: ", "beside": "", "guards": "guardrail: "}[line.role]
    means += line.guard or ("changed" if found.adjusted_p < alpha else "may be chance")
    p = found.adjusted_p
    cells = [
        escape(line.metric.title), *([escape(line.variant)] if several else []), value(found.control),
        value(found.treatment), percent(found.relative),
        f"{percent(found.relative_low)} to {percent(found.relative_high)}",
        "&lt; 0.0001" if p < 0.0001 else f"{p:.4f}", means,
    ]  # fmt: skip
    hint = escape(line.metric.meaning, quote=True)
    return f'<tr title="{hint}">' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _daily_note(reading: Reading) -> str:
    if reading.trial.sequential:
        return "The band holds on all days together, so that any day may be the one on which the trial is read."
    return "The band is for a single look: only the last planned day counts, the others show how the estimate settled."


def checks(reading: Reading) -> list[str]:
    """What was looked at before anything was compared, in sentences."""
    health, trial = reading.health, reading.trial
    said = [
        f"The users are split as planned: chance makes a split as uneven as this in {health.mismatch_p:.0%} of trials"
        f" (below {MISMATCH:.1%}, the trial would not be read)."
    ]
    in_two = health.left_out.get(CONFLICT, 0)
    said.append(
        f"{in_two:,} users were seen in two variants, and are left out." if in_two else "No user is in two variants."
    )
    said += [f"{n:,} users are left out: {why}." for why, n in health.left_out.items() if why != CONFLICT]
    if health.elsewhere is not None:
        wrong = (
            f"{health.elsewhere:,} users saw another variant than" if health.elsewhere else "Every user saw the variant"
        )
        said.append(f"{wrong} the trial assigned.")
    main = [line for line in reading.lines if line.role == "decides"][0]
    if main.found and main.found.saved is not None:
        said.append(
            f"What users did in the {trial.history} days before explains {main.found.saved:.0%} of their differences in"
            f" {main.metric.title.lower()}, and was taken out (CUPED)."
        )
    said.append(f"This is look {reading.looks + 1} at this trial.")
    return said


def _plan(reading: Reading) -> str:
    trial = reading.trial
    shares = ", ".join(f"{name} {share * 100:.4g} %" for name, share in trial.shares.items())
    who = {
        "before": f"those who ordered or visited in the {trial.history} days before the trial",
        "during": "those who order or visit within the trial, from then on",
        "log": "those whom the shop's log of exposures names",
    }[trial.exposure]
    said = (
        f"{trial.days} days from {trial.since}. Shares: {shares}. Who takes part: {who}. Smallest change worth knowing:"
        f" {abs(trial.effect):.1%}; false alarms: {trial.alpha:.0%}; power: {trial.power:.0%}."
    )
    if trial.sequential:
        said += f" Sequential: may be read at any time, and needs {inflation(trial):.1f} times the users for that."
    return said
