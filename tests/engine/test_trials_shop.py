"""Trials on the made shop: what is planted is found, what is not there is not, and bad input is said."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from emberlake import trials
from emberlake.errors import TrialError
from emberlake.trials import sequence
from emberlake.trials.assignment import SPACE, bucket
from emberlake.trials.comparison import difference
from emberlake.trials.metric import find_metric
from emberlake.trials.moments import Moments
from emberlake.trials.sources import ask, participants, require_data, views

ALPHA = 0.05
# Spark reads one trial whole; the statistics and the states do not depend on the engine.
SAIL = pytest.mark.only("sail")


@pytest.fixture(scope="module")
def experiment(made_lake):
    return json.loads((made_lake.settings.landing / "truth.json").read_text())["parameters"]["experiment"]


def planned(made_lake, name, **more):
    given = {
        "name": name, "metric": "orders_per_user", "effect": 0.1, "since": dt.date(2025, 9, 1), "days": 61,
        "method": "multiplicative",
    } | more  # fmt: skip
    return trials.plan(made_lake, trials.Trial(**given), given["days"])


@pytest.mark.only("spark")
def test_spark_finds_it_too(made_lake, experiment):
    planned(made_lake, "on-spark")
    trials.start(made_lake.settings, "on-spark")
    found = trials.read(made_lake, "on-spark").lines[0].found
    assert found.relative_low <= experiment["uplift"] <= found.relative_high and found.p < ALPHA


@SAIL
def test_the_planted_uplift_is_found(made_lake, experiment):
    since, until = (dt.date.fromisoformat(experiment[end]) for end in ("from", "until"))
    assert experiment["assignment"] == "treatment where (user_id * 2654435761) % 4294967296 >= 2147483648"
    others, guards = trials.usual(made_lake, "orders_per_user")
    planned(made_lake, "planted", since=since, days=(until - since).days, others=others, guardrails=guards)
    trials.start(made_lake.settings, "planted")
    users = trials.expose(made_lake, "planted")
    reading = trials.read(made_lake, "planted")
    assert reading.health.users == users and reading.complete and reading.final
    [main] = [line for line in reading.lines if line.role == "decides"]
    assert main.found.relative_low <= experiment["uplift"] <= main.found.relative_high
    assert main.found.p < ALPHA and reading.verdicts[0].outcome == "better"
    assert main.found.saved > 0.05
    # What they buy is the same: the order value did not move.
    value = next(line.found for line in reading.lines if line.metric.name == "average_order_value")
    assert value.relative_low < 0 < value.relative_high
    assert [line.guard for line in reading.lines if line.role == "guards"] == ["unclear", "unclear"]
    assert len(reading.daily[0].days) > 50 and reading.daily[0].found[-1].relative == main.found.relative
    assert trials.read(made_lake, "planted").looks == 1


@SAIL
def test_before_the_planned_end_one_may_only_peek(made_lake):
    planned(made_lake, "early", since=dt.date(2025, 12, 1), days=60)
    trials.start(made_lake.settings, "early")
    with pytest.raises(TrialError, match="after 31 of its 60 planned days"):
        trials.read(made_lake, "early")
    peek = trials.read(made_lake, "early", peek=True)
    assert not peek.final and peek.until == dt.date(2026, 1, 1)
    assert peek.verdicts[0].sentence.startswith("This is a peek")


@SAIL
def test_a_sequential_trial_may_be_read_early_and_pays_with_width(made_lake):
    for name, sequential in (("always", True), ("once", False)):
        planned(made_lake, name, sequential=sequential)
        trials.start(made_lake.settings, name)
        trials.stop(made_lake.settings, name, dt.date(2025, 10, 1), "seen enough")
    always, once = trials.read(made_lake, "always"), trials.read(made_lake, "once", peek=True)
    assert always.final and not always.complete and not once.final
    wide, narrow = (r.lines[0].found.relative_high - r.lines[0].found.relative_low for r in (always, once))
    assert wide > 1.4 * narrow


@SAIL
def test_the_planner_knows_what_more_days_bring(made_lake):
    trial, found = planned(made_lake, "plan-only", since=dt.date(2025, 6, 1))
    users = [look.users for look in found.outlooks]
    assert len(set(users)) == 1 and users[0] > 500  # all of them are there from the first moment
    smallest = [look.smallest for look in found.outlooks]
    assert smallest == sorted(smallest, reverse=True)
    assert found.outlooks[-1].needed > users[0] and found.days is None
    _, large = planned(made_lake, "plan-only", since=dt.date(2025, 6, 1), effect=0.5)
    assert large.days is not None
    # A hundredth of the variance in effect squared: users needed go with one over it.
    assert found.outlooks[-1].needed / large.outlooks[-1].needed == pytest.approx(25, rel=0.02)
    _, looking = planned(made_lake, "plan-only", since=dt.date(2025, 6, 1), sequential=True)
    assert 1.7 < looking.outlooks[-1].needed / found.outlooks[-1].needed < 2.1
    with pytest.raises(TrialError, match="In 56 days"):
        trials.plan(made_lake, trial)


@SAIL
def test_users_may_take_part_from_the_moment_they_come(made_lake):
    planned(made_lake, "coming", exposure="during")
    trials.start(made_lake.settings, "coming")
    reading = trials.read(made_lake, "coming")
    first, last = (reading.daily[0].found[place] for place in (5, -1))
    assert first.high - first.low != last.high - last.low
    before = trials.read(made_lake, "planted").health.compared
    assert 500 < reading.health.compared != before


def log(path, users, variants, at="2025-09-01T08:00:00+00:00"):
    moment = dt.datetime.fromisoformat(at)
    table = {
        "user_id": users,
        "variant": variants,
        "exposed_at": pa.array([moment] * len(users), pa.timestamp("us", "UTC")),
    }
    pq.write_table(pa.table(table), path)
    return path


@SAIL
def test_a_log_of_exposures(made_lake, tmp_path):
    planned(made_lake, "logged", exposure="log", method="file", metric="conversion")
    trials.start(made_lake.settings, "logged")
    with pytest.raises(TrialError, match="Nobody was exposed to trial 'logged' yet"):
        trials.read(made_lake, "logged")
    with pytest.raises(TrialError, match="planned with --expose log"):
        trials.expose(made_lake, "logged")
    users = np.arange(1, 3001)
    variants = np.where(users % 2 == 0, "control", "treatment")
    assert trials.expose(made_lake, "logged", log(tmp_path / "a.parquet", users, variants)) == {
        "control": 1500, "treatment": 1500,
    }  # fmt: skip
    # The same again, some in both variants, and some too early.
    trials.expose(made_lake, "logged", log(tmp_path / "a.parquet", users, variants))
    trials.expose(made_lake, "logged", log(tmp_path / "b.parquet", [2, 4, 6], ["treatment"] * 3))
    trials.expose(made_lake, "logged", log(tmp_path / "c.parquet", [9001], ["control"], "2025-08-01T00:00:00+00:00"))
    health = trials.read(made_lake, "logged").health
    assert health.users == {"control": 1497, "treatment": 1500} and health.elsewhere is None
    assert health.left_out == {"in two variants": 3, "outside the trial's days": 1}
    # And one variant loses a tenth of its users.
    trials.expose(made_lake, "logged", log(tmp_path / "d.parquet", np.arange(5000, 5300), ["control"] * 300))
    with pytest.raises(TrialError, match="not split as planned"):
        trials.read(made_lake, "logged")


@SAIL
def test_data_that_a_metric_needs(made_lake, tmp_path):
    from emberlake.lake import Lake
    from emberlake.settings import read_settings

    with Lake(made_lake.session, read_settings(root=tmp_path / "bare")) as bare:
        with pytest.raises(TrialError, match="gold.order_features has no rows"):
            require_data(bare, find_metric("conversion"))
        with pytest.raises(TrialError, match="There are no orders"):
            planned(bare, "x")
    require_data(made_lake, find_metric("refund_rate"))


@SAIL
def test_times_without_data(made_lake):
    for name, since in (("future", dt.date(2027, 1, 1)), ("past", dt.date(2020, 1, 1))):
        if name == "past":
            with pytest.raises(TrialError, match="Nobody ordered or visited before"):
                planned(made_lake, name, since=since)
            continue
        planned(made_lake, name, since=since)
        trials.start(made_lake.settings, name)
        with pytest.raises(TrialError, match="no data of trial 'future'"):
            trials.read(made_lake, name)


class Simulations:
    """A thousand trials of nothing: the same users, dealt anew by a thousand salts, looked at on every day."""

    SINCE, DAYS, TRIALS = dt.date(2025, 5, 1), 45, 1000

    def __init__(self, lake, name: str) -> None:
        self.metric = find_metric(name)
        until = self.SINCE + dt.timedelta(days=self.DAYS)
        users = np.sort(np.array(participants(lake, "before", 90, self.SINCE, until).toArrow()["user_id"]))
        with views(lake, self.metric):
            rows = ask(lake, self.metric, self.SINCE - dt.timedelta(days=90), until).toArrow()
        begin = int(dt.datetime.combine(self.SINCE, dt.time(), dt.UTC).timestamp())
        day = (np.array(rows["happened_at"].cast("int64")) // 1_000_000 - begin) // 86_400
        who = np.searchsorted(users, rows["user_id"])
        known = np.append(users, -1)[who] == np.array(rows["user_id"])
        day, who, number = day[known], who[known], np.array(rows["numerator"])[known]
        self.before = np.bincount(who[day < 0], number[day < 0], len(users))
        self.then = np.zeros((self.DAYS, len(users)))
        np.add.at(self.then, (day[day >= 0], who[day >= 0]), number[day >= 0])
        self.then = self.then.cumsum(axis=0)
        salts = [f"nothing-{n}" for n in range(self.TRIALS)]
        treated = np.array([[bucket(int(u), salt) < SPACE // 2 for u in users] for salt in salts], dtype=float)
        self.sides = [self._sums(1 - treated), self._sums(treated)]

    def _sums(self, chosen):
        x, c = self.then, self.before
        return {
            "n": chosen.sum(axis=1)[:, None] * np.ones(self.DAYS), "x": chosen @ x.T, "xx": chosen @ (x * x).T,
            "c": (chosen @ c)[:, None] * np.ones(self.DAYS), "cc": (chosen @ (c * c))[:, None] * np.ones(self.DAYS),
            "xc": chosen @ (x * c).T,
        }  # fmt: skip

    def moments(self, side, trial, day) -> Moments:
        s = {name: values[trial, day] for name, values in self.sides[side].items()}
        products = np.zeros((4, 4))
        products[0, 0], products[2, 2], products[0, 2], products[2, 0] = s["xx"], s["cc"], s["xc"], s["xc"]
        return Moments(s["n"], np.array([s["x"], 0.0, s["c"], 0.0]), products)

    def z(self):
        """Difference over its error, and its error, of all trials on all days: CUPED written out."""
        both = {name: self.sides[0][name] + self.sides[1][name] for name in self.sides[0]}
        cov = lambda s, a, b, p: (s[p] - s[a] * s[b] / s["n"]) / (s["n"] - 1)  # noqa: E731
        theta = cov(both, "x", "c", "xc") / cov(both, "c", "c", "cc")
        means, errors = [], []
        for s in self.sides:
            means.append((s["x"] - theta * s["c"]) / s["n"])
            varies = cov(s, "x", "x", "xx") + theta**2 * cov(s, "c", "c", "cc") - 2 * theta * cov(s, "x", "c", "xc")
            errors.append(varies / s["n"])
        error = np.sqrt(errors[0] + errors[1])
        return (means[1] - means[0]) / error, error


@SAIL
@pytest.mark.parametrize("name", ["revenue_per_user", pytest.param("orders_per_user", marks=pytest.mark.long)])
def test_a_thousand_trials_of_nothing(made_lake, name):
    seen = Simulations(made_lake, name)
    last = seen.DAYS - 1
    p = np.array([difference("mean", seen.moments(0, t, last), seen.moments(1, t, last)).p for t in range(seen.TRIALS)])
    assert 0.035 <= (p < ALPHA).mean() <= 0.065
    z, error = seen.z()
    for trial, day in ((0, last), (17, 20), (999, 5)):  # the formulas of this test are the product's
        found = difference("mean", seen.moments(0, trial, day), seen.moments(1, trial, day), scale=50.0)
        assert found.absolute == pytest.approx(z[trial, day] * error[trial, day], rel=1e-9)
        m = sequence.harmonic(seen.sides[0]["n"][trial, day], seen.sides[1]["n"][trial, day])
        half = sequence.width((m * error[trial, day]) ** 2, 50.0, ALPHA) * error[trial, day]
        assert found.high - found.absolute == pytest.approx(half, rel=1e-9)
    # Looking every day and stopping at the first good one.
    assert (np.abs(z) > 1.96).any(axis=1).mean() > 0.15
    m = sequence.harmonic(seen.sides[0]["n"], seen.sides[1]["n"])
    scale = sequence.scale_for(seen.then.shape[1] / 4 * seen.then[last].var(), ALPHA)
    assert (np.abs(z) > sequence.width((m * error) ** 2, scale, ALPHA)).any(axis=1).mean() <= ALPHA + 0.015
