"""What was planted is in the files: measured by DuckDB and numpy, not by the code that planted it."""

from __future__ import annotations

import json
import math
from pathlib import Path

import duckdb
import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from tests.made_shop import TABLES, look_at, one

from emberlake import tables
from emberlake.progress import silent
from emberlake.settings import Settings
from emberlake.synth import Truth, truth, write_shop


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(root=tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def told(settings: Settings) -> Truth:
    return write_shop(settings, silent)


@pytest.fixture(scope="module")
def shop(settings: Settings, told: Truth) -> duckdb.DuckDBPyConnection:
    return look_at(settings)


def test_scale_1_has_the_sizes_it_promises(shop, told):
    sizes = {table: one(shop, f"SELECT count(*) FROM {table}") for table in TABLES}
    assert one(shop, "SELECT count(DISTINCT user_id) FROM users") == 10_000
    assert sizes["products"] == 500
    assert one(shop, "SELECT count(DISTINCT category) FROM products") == 8
    assert one(shop, "SELECT count(*) FROM good_orders") == 50_000
    assert one(shop, "SELECT count(*) FROM good_items") == pytest.approx(105_000, rel=0.05)
    assert one(shop, "SELECT count(DISTINCT order_id) FROM payments SEMI JOIN good_orders USING (order_id)") == 50_000
    expected = {"addresses": 11_400, "prices": 2_500, "inventory": 18_500, "follows": 49_700, "ratings": 20_000}
    for table, about in expected.items():
        assert sizes[table] == pytest.approx(about, rel=0.1), table
    assert sizes["events"] + one(shop, "SELECT count(*) FROM app") == pytest.approx(20_000, rel=0.05)


def test_the_columns_are_the_contract(shop):
    spark = {
        "BIGINT": "long", "INTEGER": "int", "VARCHAR": "string", "TIMESTAMP WITH TIME ZONE": "timestamp",
        "DECIMAL(12,2)": "decimal(12,2)",
    }  # fmt: skip
    for table in TABLES:
        found = [(name, spark[type]) for name, type, *_ in shop.execute(f"DESCRIBE {table}").fetchall()]
        # Every identifier of the made shop is a number, so that no text of it is kept.
        assert found == [(c.name, c.type) for c in tables.source(table).columns if c.name != "source_key"], table


def test_the_truth_counts_all_rows_of_all_files(shop, told):
    text = {"orders": "legacy", "events": "app"}
    for table in TABLES:
        extra = one(shop, f"SELECT count(*) FROM {text[table]}") if table in text else 0
        assert told.rows[table] == one(shop, f"SELECT count(*) FROM {table}") + extra, table
    assert told.rows["truth"] == one(shop, "SELECT count(*) FROM truth")
    assert told.rows["odd_orders"] == one(shop, "SELECT count(*) FROM odd_orders")


def test_the_money_adds_up(shop):
    assert one(shop, "SELECT count(*) FROM good_orders WHERE amount <> items_amount - discount + shipping") == 0
    sums = """SELECT count(*) FROM good_orders o JOIN (SELECT order_id, sum(quantity * unit_price - discount) AS items
        FROM good_items GROUP BY order_id) i USING (order_id) WHERE o.items_amount <> i.items"""
    assert one(shop, sums) == 0
    paid = "SELECT count(*) FROM payments p JOIN good_orders o USING (order_id) WHERE p.amount <> o.amount"
    assert one(shop, paid) == 0


def test_lines_are_sold_at_the_price_in_force(shop):
    wrong = """SELECT count(*) FROM good_items i JOIN good_orders o USING (order_id)
        ASOF JOIN prices p ON i.product_id = p.product_id AND o.ordered_at >= p.changed_at
        WHERE i.unit_price <> p.price"""
    matched = "SELECT count(*) FROM good_items i JOIN good_orders o USING (order_id) ASOF JOIN prices p "
    matched += "ON i.product_id = p.product_id AND o.ordered_at >= p.changed_at"
    assert one(shop, wrong) == 0
    assert one(shop, matched) == one(shop, "SELECT count(*) FROM good_items")


def test_goods_come_back_only_where_they_were_sold(shop):
    wrong = """SELECT count(*) FROM returns r JOIN good_orders o USING (order_id)
        LEFT JOIN good_items i USING (order_id, line, product_id)
        WHERE i.order_id IS NULL OR r.quantity NOT BETWEEN 1 AND i.quantity OR r.returned_at <= o.ordered_at
        OR r.refund > i.quantity * i.unit_price OR o.status NOT IN ('returned', 'paid')"""
    assert one(shop, wrong) == 0
    share = one(shop, "SELECT count(*) FILTER (status = 'returned') / count(*) FROM good_orders")
    assert share == pytest.approx(0.08, abs=0.01)


def test_stock_never_falls_below_zero(shop):
    below = """SELECT count(*) FROM (
        SELECT opening_stock + sum(n) OVER (PARTITION BY product_id ORDER BY moment, n DESC) AS on_hand FROM (
            SELECT product_id, moved_at AS moment, quantity AS n FROM inventory
            UNION ALL SELECT product_id, ordered_at, -quantity FROM good_items JOIN good_orders USING (order_id)
        ) JOIN products USING (product_id)) WHERE on_hand < 0"""
    assert one(shop, below) == 0


def test_nobody_orders_before_sign_up_or_after_leaving(shop):
    wrong = """SELECT count(*) FROM good_orders JOIN (SELECT DISTINCT user_id, signed_up_at FROM users) USING (user_id)
        JOIN truth USING (user_id) WHERE ordered_at < signed_up_at OR ordered_at >= churned_at"""
    assert one(shop, wrong) == 0


def test_segments_differ_in_frequency_basket_and_discounts(shop):
    rows = shop.execute("""SELECT segment, count(order_id) / count(DISTINCT user_id) AS frequency,
        avg(amount) AS basket, count(coupon) / count(order_id) AS coupons
        FROM truth LEFT JOIN good_orders USING (user_id) GROUP BY segment""").fetchall()
    by = {segment: (float(a), float(b), float(c)) for segment, a, b, c in rows}
    assert by["bargain"][0] * 1.3 < by["regular"][0] and by["regular"][0] * 1.8 < by["premium"][0]
    assert by["bargain"][1] * 1.15 < by["regular"][1] and by["regular"][1] * 1.3 < by["premium"][1]
    assert by["bargain"][2] == pytest.approx(0.85, abs=0.02)
    assert by["regular"][2] == pytest.approx(0.10, abs=0.02)
    assert by["premium"][2] == pytest.approx(0.03, abs=0.02)


def test_segments_differ_in_lines_prices_and_channels(shop, told):
    rows = shop.execute("""SELECT segment, avg(lines), avg(dear) FROM (
        SELECT order_id, any_value(segment) AS segment, count(*) AS lines, avg(ln(list_price / typical)) AS dear
        FROM good_items JOIN good_orders USING (order_id) JOIN truth USING (user_id) JOIN products USING (product_id)
        JOIN (SELECT category, exp(avg(ln(list_price))) AS typical FROM products GROUP BY category) USING (category)
        GROUP BY order_id) GROUP BY segment""").fetchall()
    lines, dear = ({segment: row[i] for segment, *row in rows} for i in (0, 1))
    for segment, shares in told.parameters["segments"]["lines_of_an_order"].items():
        assert lines[segment] == pytest.approx(np.dot(shares, np.arange(1, len(shares) + 1)), abs=0.05), segment
    assert dear["bargain"] + 0.25 < dear["regular"] < dear["premium"] - 0.25
    for segment, planted in told.parameters["segments"]["order_channels"].items():
        found = dict(shop.execute(f"""SELECT channel, count(*) / sum(count(*)) OVER () FROM good_orders
            JOIN truth USING (user_id) WHERE segment = '{segment}' GROUP BY channel""").fetchall())  # fmt: skip
        assert found == pytest.approx(planted, abs=0.02), segment


BEHAVIOUR = """SELECT any_value(segment), ln(count(*)), avg(ln(amount + 1)), ln(avg(lines)),
    avg((coupon IS NOT NULL)::INT), avg(dear), avg((channel = 'web')::INT), avg((channel = 'app')::INT),
    avg((channel = 'store')::INT)
    FROM good_orders JOIN truth USING (user_id) JOIN (
        SELECT order_id, count(*) AS lines, avg(ln(unit_price / typical)) AS dear
        FROM good_items JOIN products USING (product_id)
        JOIN (SELECT category, exp(avg(ln(list_price))) AS typical FROM products GROUP BY category) USING (category)
        GROUP BY order_id) USING (order_id)
    WHERE status <> 'cancelled' GROUP BY user_id HAVING count(*) >= 2 ORDER BY user_id"""


def test_clustering_finds_the_segments_among_those_who_came_again(shop):
    rows = shop.execute(BEHAVIOUR).fetchall()
    who = np.array([segment for segment, *_ in rows])
    behaviour = np.array([values for _, *values in rows], dtype=float)
    standard = (behaviour - behaviour.mean(axis=0)) / behaviour.std(axis=0)
    found = KMeans(3, n_init=5, random_state=0).fit_predict(standard)
    assert adjusted_rand_score(who, found) >= 0.9
    buyers = one(shop, "SELECT count(DISTINCT user_id) FROM good_orders WHERE status <> 'cancelled'")
    assert len(rows) / buyers > 0.75


def test_the_experiment_lifts_orders_in_its_time_only(shop, told):
    planted = told.parameters["experiment"]
    counts = shop.execute(f"""SELECT ordered_at >= '{planted["from"]}' AND ordered_at < '{planted["until"]}' AS during,
        count(*) FILTER (variant = 'treatment') / count(*) FILTER (variant = 'control') AS ratio
        FROM good_orders JOIN truth USING (user_id) GROUP BY during""").fetchall()
    ratio = dict(counts)
    # 2 × 2,800 orders in clusters of users: the ratio's standard error is about 0.04.
    assert ratio[True] / ratio[False] == pytest.approx(1 + planted["uplift"], abs=0.12)
    assert ratio[False] == pytest.approx(1.0, abs=0.05)


def test_the_variant_follows_from_the_users_number(shop, told):
    rule = told.parameters["experiment"]["assignment"].removeprefix("treatment where ")
    assert one(shop, f"SELECT count(*) FROM truth WHERE (variant = 'treatment') <> ({rule})") == 0
    assert one(shop, "SELECT count(*) FROM truth WHERE variant = 'treatment'") == pytest.approx(5000, abs=50)


def test_quantities_answer_to_prices_as_planted(shop, told):
    rows = shop.execute("""SELECT category, round(ratio, 2) AS ratio, avg(quantity), count(*) FROM (
        SELECT category, quantity, (unit_price * quantity - i.discount) / (quantity * list_price)
            * (1 - o.discount / items_amount) AS ratio
        FROM good_items i JOIN good_orders o USING (order_id) JOIN products USING (product_id)
        ANTI JOIN odd_orders USING (order_id))
        GROUP BY ALL HAVING count(*) > 30""").fetchall()
    for category, planted in told.parameters["elasticity"]["by_category"].items():
        points = [(math.log(ratio), math.log(q), n) for name, ratio, q, n in rows if name == category]
        x, y, weight = (np.array(column, dtype=float) for column in zip(*points, strict=True))
        assert np.polyfit(x, y, 1, w=np.sqrt(weight))[0] == pytest.approx(planted, abs=0.12), category


def test_planted_pairs_are_bought_together(shop, told):
    for first, second in told.parameters["affinity"]["pairs"]:
        support, with_first, with_second, together = one(
            shop,
            f"""SELECT count(*), count(*) FILTER (a), count(*) FILTER (b), count(*) FILTER (a AND b) FROM (
            SELECT bool_or(product_id = {first}) AS a, bool_or(product_id = {second}) AS b
            FROM good_items GROUP BY order_id)""",
        )
        lift = together * support / (with_first * with_second)
        assert together > 30 and lift > 5, (first, second, lift)


def test_orders_peak_on_black_friday_and_in_the_evening(shop):
    by_day = dict(shop.execute("SELECT ordered_at::DATE::VARCHAR, count(*) FROM good_orders GROUP BY 1").fetchall())
    assert max(by_day, key=by_day.get) == "2025-11-28"
    hours = dict(shop.execute("SELECT hour(ordered_at), count(*) FROM good_orders GROUP BY 1").fetchall())
    assert max(hours, key=hours.get) == 20 and min(hours, key=hours.get) in (3, 4)


def test_churn_is_likelier_where_the_hazard_is_higher(shop):
    observed = shop.execute("""SELECT ntile, avg((churned_at IS NOT NULL)::INT) FROM (SELECT *,
        ntile(4) OVER (ORDER BY churn_hazard) AS ntile FROM truth) GROUP BY 1 ORDER BY 1""").fetchall()
    shares = [share for _, share in observed]
    assert shares == sorted(shares) and shares[-1] > shares[0] + 0.25


def test_communities_follow_among_themselves_and_influencers_are_followed_by_all(shop, told):
    assert one(shop, "SELECT count(DISTINCT community) FROM truth") == 20
    within, famous = one(
        shop,
        """SELECT avg((a.community = b.community)::INT), avg(b.influencer::INT)
        FROM follows JOIN truth a ON a.user_id = follower_id JOIN truth b ON b.user_id = followee_id""",
    )
    assert within > 0.65 and famous > 0.15
    top = shop.execute("SELECT followee_id FROM follows GROUP BY 1 ORDER BY count(*) DESC LIMIT 3").fetchall()
    assert {user for (user,) in top} <= set(told.parameters["communities"]["most_followed"])


def test_friends_invite_from_their_own_community_those_who_come_after_them(shop, told):
    known = "(SELECT DISTINCT ON (user_id) * FROM users JOIN truth USING (user_id) ORDER BY user_id, updated_at)"
    named = f"""FROM {known} u LEFT JOIN {known} f ON f.user_id = u.referred_by"""
    wrong = f"SELECT count(*) {named} WHERE u.referred_by IS NOT NULL AND (u.channel <> 'friend' OR f.user_id IS NULL"
    assert one(shop, f"{wrong} OR f.community <> u.community OR f.signed_up_at >= u.signed_up_at)") == 0
    # Only whoever was the first of a community has nobody.
    alone = f"SELECT count(*) {named} WHERE u.channel = 'friend' AND u.referred_by IS NULL"
    assert one(shop, alone) <= told.parameters["communities"]["communities"]
    share = told.parameters["referrals"]["share_of_users"]
    invited = one(shop, f"SELECT count(*) {named} WHERE u.referred_by IS NOT NULL")
    assert invited == pytest.approx(10_000 * share, rel=0.1)
    # All who came before are alike likely: on average, the one in the middle of them.
    place = "row_number() OVER (PARTITION BY community ORDER BY signed_up_at) - 1"
    rank = f"""WITH ranked AS (SELECT user_id, {place} AS n FROM {known}) SELECT avg((f.n + 0.5) / u.n)
        FROM {known} w JOIN ranked u USING (user_id) JOIN ranked f ON f.user_id = w.referred_by"""
    assert one(shop, rank) == pytest.approx(0.5, abs=0.03)


def test_people_buy_and_like_what_is_to_their_taste(shop):
    liked = one(
        shop,
        """SELECT corr(taste, n) FROM (
        SELECT user_id, lower(category) AS category, count(*) / sum(count(*)) OVER (PARTITION BY user_id) AS n
        FROM good_items JOIN good_orders USING (order_id) JOIN products USING (product_id) GROUP BY user_id, category)
        JOIN (UNPIVOT truth ON COLUMNS('taste_.*') INTO NAME column_name VALUE taste) t
        USING (user_id) WHERE t.column_name = 'taste_' || category""",
    )
    stars = one(
        shop,
        """SELECT corr(taste, rating) FROM ratings JOIN products USING (product_id)
        JOIN (UNPIVOT truth ON COLUMNS('taste_.*') INTO NAME column_name VALUE taste) t USING (user_id)
        WHERE t.column_name = 'taste_' || lower(category) AND rating <= 5""",
    )
    assert liked > 0.3 and stars > 0.4


def test_the_funnel_narrows_and_purchases_are_real_orders(shop):
    funnel = dict(shop.execute("SELECT event, count(DISTINCT session_id) FROM events GROUP BY event").fetchall())
    assert funnel["session_start"] > funnel["add_to_cart"] > funnel["checkout"] > funnel["purchase"] > 400
    wrong = """SELECT count(*) FROM events e JOIN good_orders o USING (order_id)
        WHERE e.user_id <> o.user_id OR e.occurred_at <> o.ordered_at OR e.event <> 'purchase'"""
    assert one(shop, wrong) == 0


def test_the_truth_survives_its_file(settings, told):
    assert truth(settings) == Truth.from_json(told.to_json())
    assert json.loads(Path(settings.landing / "truth.json").read_text())["scale"] == 1.0


def test_landing_tables_are_delta_tables(settings, told, shop):
    deltalake = pytest.importorskip("deltalake")
    for table in TABLES:
        files = deltalake.DeltaTable(settings.landing / table).file_uris()
        assert {Path(f).name for f in files} == {f.name for f in (settings.landing / table).glob("*.parquet")}
        if table not in ("orders", "events"):
            assert deltalake.DeltaTable(settings.landing / table).to_pyarrow_table().num_rows == told.rows[table]
