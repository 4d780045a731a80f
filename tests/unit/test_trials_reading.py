"""Checks before a reading, what it means, and the page."""

from __future__ import annotations

import datetime as dt
from html.parser import HTMLParser

import numpy as np
import pytest
from scipy.stats import chisquare
from tests.trial_rows import moments

from emberlake.errors import TrialError
from emberlake.trials import Reading, Trial, find_metric, page
from emberlake.trials.comparison import difference
from emberlake.trials.health import Health, examine, mismatch
from emberlake.trials.metric import parse_metric, trial_metrics
from emberlake.trials.reading import Daily, Line
from emberlake.trials.verdict import guard, peeked, verdict

TRIAL = Trial("checkout", "conversion", 0.05, dt.date(2025, 9, 1), 14, guardrails=("return_rate",))
OUT = "in two variants"


def rows(control, treatment, *more):
    counted = [("control", None, control, 0), ("treatment", None, treatment, 0), *more]
    return [dict(zip(("variant", "left_out", "users", "elsewhere"), row, strict=True)) for row in counted]


def test_a_healthy_trial():
    found = examine(rows(5030, 4970, ("control", OUT, 12, 3)), TRIAL)
    assert found.users == {"control": 5030, "treatment": 4970} and found.left_out == {OUT: 12}
    assert found.mismatch_p == pytest.approx(chisquare([5030, 4970]).pvalue)
    assert found.elsewhere == 0 and found.compared == 10_000


def test_the_mismatch_check_agrees_with_tea_tasting():
    import tea_tasting as tt
    from tea_tasting.aggr import Aggregates

    counts = {0: Aggregates(count_=5200), 1: Aggregates(count_=4900)}
    peer = tt.SampleRatio(method="norm", correction=False).analyze(counts, control=0, treatment=1)
    assert mismatch({"a": 5200, "b": 4900}, {"a": 0.5, "b": 0.5}) == pytest.approx(peer.pvalue, rel=1e-9)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (rows(5300, 4700), "is not read: its users are not split as planned: control 5,300"),
        (rows(0, 0), "Nobody was exposed"),
        (rows(0, 0, ("control", "outside the trial's days", 7, 0)), "7 outside the trial's days"),
        (rows(900, 0), "'treatment' of trial 'checkout' has no users"),
        (rows(500, 500, ("control", OUT, 11, 0)), "11 of 1,011 users"),
        (rows(500, 500, ("blue", None, 3, 0)), "variant 'blue'"),
        ([*rows(500, 480), {"variant": "control", "left_out": None, "users": 20, "elsewhere": 20}], "another variant"),
    ],
)
def test_what_cannot_be_trusted_is_not_read(given, problem):
    with pytest.raises(TrialError, match=problem) as raised:
        examine(given, TRIAL)
    assert raised.value.hint and raised.value.exit_code == 1


def test_uneven_shares_are_expected_where_they_were_planned():
    trial = Trial("x", "conversion", 0.05, dt.date(2025, 9, 1), 14, shares={"control": 0.8, "a": 0.1, "b": 0.1})
    counted = [
        {"variant": v, "left_out": None, "users": n, "elsewhere": 0}
        for v, n in zip(trial.shares, (8040, 990, 970), strict=True)
    ]
    assert examine(counted, trial).mismatch_p > 0.5


RNG = np.random.default_rng(2)
SPENT = RNG.gamma(2.0, 10.0, 3000)


def found(up: float):
    return difference("mean", moments(SPENT[:1500]), moments(SPENT[:1500] * (1 + up)))


@pytest.mark.parametrize(
    ("metric", "up", "guards", "outcome", "words", "advice"),
    [
        ("orders_per_user", 0.2, {}, "better", "is better than control: orders per user rose by 20.0%", "Ship it."),
        ("orders_per_user", -0.2, {}, "worse", "is worse than control: orders per user fell by 20.0%", "Keep"),
        ("return_rate", -0.2, {}, "better", "return rate fell by 20.0%", "Ship it."),
        ("orders_per_user", 0.001, {}, "open", "No difference between treatment and control is shown", "Keep"),
        ("orders_per_user", 0.2, {"return rate": "harmed"}, "better", "it does harm: return rate got worse", "Keep"),
        ("orders_per_user", 0.2, {"a": "unclear", "b": "unclear"}, "better", "harmless yet: a and b", "Ship it. Watch"),
    ],
)  # fmt: skip
def test_a_verdict_is_a_sentence(metric, up, guards, outcome, words, advice):
    said = verdict("treatment", "control", find_metric(metric), found(up), 0.05, guards)
    assert said.outcome == outcome and words in said.sentence and said.advice.startswith(advice)


@pytest.mark.parametrize(
    ("metric", "up", "state"),
    [
        ("return_rate", 0.25, "harmed"), ("return_rate", 0.0, "safe"), ("return_rate", 0.05, "unclear"),
        ("return_rate", -0.3, "safe"), ("revenue_per_user", -0.3, "harmed"), ("revenue_per_user", 0.3, "safe"),
    ],
)  # fmt: skip
def test_a_guardrail_holds_within_its_margin(metric, up, state):
    assert guard(find_metric(metric), found(up)) == state


def reading(final=True, name="checkout", variants=("treatment",)) -> Reading:
    share = 1 / (1 + len(variants))
    trial = Trial(
        name, "orders_per_user", 0.05, dt.date(2025, 9, 1), 14,
        shares={"control": share, **{v: share for v in variants}}, guardrails=("return_rate",), others=("conversion",),
    )  # fmt: skip
    lines = []
    for v in variants:
        lines.append(Line(v, find_metric("orders_per_user"), "decides", found(0.2)))
        lines.append(Line(v, find_metric("conversion"), "beside", None, "All users of a variant have the same value."))
        lines.append(Line(v, find_metric("return_rate"), "guards", found(0.01), guard="safe"))
    days = tuple(dt.date(2025, 9, day) for day in range(2, 15))
    daily = tuple(Daily(v, days, tuple(found(0.2) for _ in days)) for v in variants)
    verdicts = tuple(
        verdict(v, "control", find_metric("orders_per_user"), found(0.2), 0.05, {}) if final else peeked(v, trial.until)
        for v in variants
    )
    health = Health({n: 1500 for n in trial.shares}, {n: 1500.0 for n in trial.shares}, 1.0, {OUT: 2}, 0)
    return Reading(trial, dt.date(2025, 9, 15), final, 0, health, tuple(lines), daily, verdicts)


class _Texts(HTMLParser):
    def __init__(self):
        super().__init__()
        self.texts, self.skip, self.addresses = [], False, []

    def handle_starttag(self, tag, attrs):
        self.skip = tag in ("script", "style")
        self.addresses += [value for key, value in attrs if key in ("src", "href")]

    def handle_data(self, data):
        if not self.skip and data.strip():
            self.texts.append(" ".join(data.split()))


def parsed(made: Reading) -> _Texts:
    parser = _Texts()
    parser.feed(page(made))
    return parser


def test_the_page_says_the_verdict_first_and_needs_no_network():
    got = parsed(reading())
    assert got.texts[3].startswith("treatment is better than control")
    assert got.addresses == []
    said = " ".join(got.texts)
    for part in ("+20.0%", "2 users were seen in two variants", "guardrail: safe", "14 days from 2025-09-01", "CUPED",
                 "Conversion: All users of a variant have the same value."):  # fmt: skip
        assert part in said


def test_a_peek_has_no_verdict():
    got = parsed(reading(final=False))
    assert got.texts[3].startswith("This is a peek")
    assert not any("Ship it" in text for text in got.texts)


def test_every_treatment_has_its_verdict_and_its_column():
    got = parsed(reading(variants=("a", "b")))
    assert [text for text in got.texts if "is better than control" in text][0].startswith("a is")
    assert "variant" in got.texts and got.texts.count("b") == 2


def test_a_variant_cannot_write_into_the_page():
    made = page(reading(variants=("<img src=x>",)))
    assert "&lt;img src=x&gt; is better" in made
    assert "<img src=x> is better" not in made and "<td><img" not in made


def test_a_reading_as_plain_values():
    import json

    plain = json.loads(json.dumps(reading().to_dict(), allow_nan=False))
    assert plain["metrics"][0]["relative"] == pytest.approx(0.2)
    assert plain["health"]["users"] == {"control": 1500, "treatment": 1500}
    assert plain["complete"] is True and plain["verdicts"][0]["outcome"] == "better"


def test_every_metric_is_one_select_with_both_moments():
    assert {m.name for m in trial_metrics()} >= {"conversion", "orders_per_user", "revenue_per_user",
                                                 "average_order_value", "return_rate", "cancellation_rate"}  # fmt: skip
    for metric in trial_metrics():
        assert ":since" in metric.sql and ":until" in metric.sql
        assert metric.meaning.endswith(".")


def test_a_metric_that_is_not_there():
    with pytest.raises(TrialError, match="Did you mean 'conversion'"):
        find_metric("convertion")


@pytest.mark.parametrize(
    "text",
    ["select 1", "/*\nkind: share\n*/\nselect 1", "/*\n- a\n*/\nselect 1",
     "/*\ntitle: Some title\nmeaning: Some meaning here.\nkind: mean\nunit: EUR\nbetter: higher\n"
     "reads: {silver.orders: [nothing]}\n*/\nselect 1"],
)  # fmt: skip
def test_a_metric_that_is_not_well_written_is_refused(text):
    with pytest.raises(TrialError, match=r"x\.sql"):
        parse_metric("x", text)
