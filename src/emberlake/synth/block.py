"""One block of users and all that they did: every table in one pass, from the seed and the block's number alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emberlake.synth import aftermath, baskets, calendar, clicks, community, draws, odd, words
from emberlake.synth.baskets import Lines, Orders
from emberlake.synth.catalogue import Catalogue, catalogue
from emberlake.synth.columns import NULL, Rows
from emberlake.synth.dirt import Spiller
from emberlake.synth.draws import Array, Draws
from emberlake.synth.people import NEVER, People, inviters, people
from emberlake.synth.plan import (
    BLOCK_USERS,
    EVENT_IDS,
    MOVEMENT_IDS,
    ORDER_IDS,
    ORDERS_A_USER,
    PAYMENT_IDS,
    RETURN_IDS,
    SESSION_IDS,
    Shop,
)  # fmt: skip

MOVED_HOUSE_SHARE = 0.15


@dataclass(frozen=True)
class Block:
    """The rows of one block.

    Attributes:
        tables: columns by table, dirty rows included.
        legacy: orders that go to the CSV export, with a column `fault` (see `dirt`).
        app: events that go to the JSON-lines export, likewise.
        truth: what is known of each user.
        odd: the odd orders and their kinds.
    """

    tables: dict[str, Rows]
    legacy: Rows
    app: Rows
    truth: Rows
    odd: Rows

    def rows(self, table: str) -> Rows:
        """The rows of a table, or of the truth by the name of its table."""
        return {"truth": self.truth, "odd_orders": self.odd}.get(table) or self.tables[table]


def make_block(shop: Shop, block: int) -> Block:
    """All rows of a block."""
    crowd, stock = people(shop, block), catalogue(shop.seed)
    orders, lines = history(shop, crowd, stock)
    spill = Spiller(shop, block)

    def draw(stream: int) -> Draws:
        return Draws(shop.seed, stream, block)

    returned = aftermath.give_back(draw(draws.RETURNS), crowd, stock, orders, lines, calendar.END_S)
    aftermath.settle_status(orders, calendar.END_S)
    visits = max(1, shop.share(block, clicks.VISITS_PER_1000_USERS))
    visit = draw(draws.EVENTS)
    bought = visit.some(shop.share(block, clicks.BUYING_PER_1000_USERS), len(orders))
    seen = clicks.browse(visit, crowd, stock, orders, lines, visits, bought, crowd.begin, crowd.until)
    rated = community.rate(draw(draws.RATINGS), crowd, stock, orders, lines, calendar.END_S)
    followed = community.follow(draw(draws.FOLLOWS), shop, crowd)
    periods = max(1, round(aftermath.RECEIPTS_A_PRODUCT * len(crowd) / BLOCK_USERS))
    moved = aftermath.restock(draw(draws.INVENTORY), stock, orders, lines, calendar.START_S, calendar.END_S, periods)

    item_rows = order_items(orders, lines)
    free = block * ORDER_IDS + len(orders) + 1
    order_rows, legacy = spill.orders(order_columns(crowd, orders), free)
    payment_rows = payments(orders, aftermath.pay(draw(draws.PAYMENTS), orders), block * PAYMENT_IDS + 1)
    return_rows = returns(orders, lines, returned, block * RETURN_IDS + 1)
    movement_rows = inventory(moved, block * MOVEMENT_IDS + 1)
    event_rows = events(crowd, orders, seen, block * EVENT_IDS + 1, block * SESSION_IDS + 1)
    site, app = spill.events(event_rows, block * EVENT_IDS + len(seen) + 1)
    tables = {
        "users": spill.users(users(crowd, inviters(draw(draws.REFERRALS), crowd, crowd))),
        "addresses": addresses(draw(draws.ADDRESSES), crowd),
        "orders": order_rows,
        "order_items": spill.order_items(item_rows),
        "payments": spill.payments(payment_rows, int(payment_rows["payment_id"][-1]) + 1),
        "returns": spill.returns(return_rows, item_rows, block * RETURN_IDS + len(returned.row) + 1),
        "inventory": spill.inventory(movement_rows, block * MOVEMENT_IDS + len(moved.product) + 1),
        "events": site,
        "follows": follows(followed),
        "ratings": spill.ratings(ratings(crowd, rated), crowd.user_id),
    }  # fmt: skip
    return Block(tables, legacy, app, truth_of(crowd), odd.odd_orders(orders))


def history(shop: Shop, crowd: People, stock: Catalogue) -> tuple[Orders, Lines]:
    """A block's orders of the whole history, before anything became of them."""
    oddities = odd.Oddities(shop, crowd.block)
    orders, lines = baskets.place(
        Draws(shop.seed, draws.ORDERS, crowd.block), Draws(shop.seed, draws.ITEMS, crowd.block), crowd, stock,
        len(crowd) * ORDERS_A_USER, crowd.block * ORDER_IDS + 1, crowd.begin, crowd.until, oddities.burst,
    )  # fmt: skip
    oddities.plant(crowd, orders, lines)
    return orders, lines


def users(crowd: People, referred_by: Array) -> Rows:
    """Columns of `users`."""
    return {
        "user_id": crowd.user_id,
        "name": crowd.given * len(words.FAMILY) + crowd.family,
        "birth_year": crowd.birth_year,
        "gender": crowd.gender,
        "country": crowd.country,
        "city": crowd.city,
        "channel": crowd.channel,
        "referred_by": np.where(referred_by == NEVER, NULL, referred_by),
        "loyalty": crowd.loyalty,
        "signed_up_at": crowd.signed_up,
        "updated_at": crowd.updated,
    }


def addresses(draw: Draws, crowd: People) -> Rows:
    """Columns of `addresses`: one at sign-up; some moved later, within their country."""
    n = len(crowd)
    room = (calendar.END_S - crowd.signed_up) // 86400 - 30
    movers = np.flatnonzero(draw.chance(n, MOVED_HOUSE_SHARE) & (room > 0))
    who = np.concatenate((np.arange(n), movers))
    later = crowd.signed_up[movers] + (30 + draw.below(len(movers), room[movers])) * 86400
    new_city = crowd.country[movers] * words.CITIES_A_COUNTRY + draw.below(len(movers), words.CITIES_A_COUNTRY)
    city = np.concatenate((crowd.city, new_city))
    return {
        "user_id": crowd.user_id[who],
        "street": draw.below(len(who), len(words.STREETS) * words.HOUSE_NUMBERS),
        "city": city,
        "postcode": city * words.POSTCODES_A_CITY + draw.below(len(who), words.POSTCODES_A_CITY),
        "country": crowd.country[who],
        "changed_at": np.concatenate((crowd.signed_up, later)),
    }


def order_columns(crowd: People, orders: Orders) -> Rows:
    """Columns of `orders`."""
    return {
        "order_id": orders.order_id,
        "user_id": crowd.user_id[orders.who],
        "ordered_at": orders.ordered,
        "received_at": orders.received,
        "status": orders.status,
        "channel": orders.channel,
        "country": orders.country,
        "currency": np.zeros(len(orders), dtype=np.int64),
        "items_amount": orders.items_amount,
        "discount": orders.discount,
        "shipping": orders.shipping,
        "amount": orders.amount,
        "coupon": orders.coupon,
    }


def order_items(orders: Orders, lines: Lines) -> Rows:
    """Columns of `order_items`."""
    return {
        "order_id": orders.order_id[lines.order],
        "line": lines.line,
        "product_id": lines.product + 1,
        "quantity": lines.quantity,
        "unit_price": lines.unit_price,
        "discount": lines.discount,
    }


def payments(orders: Orders, paid: aftermath.Payments, first_id: int) -> Rows:
    """Columns of `payments`."""
    return {
        "payment_id": np.arange(first_id, first_id + len(paid.order)),
        "order_id": orders.order_id[paid.order],
        "method": paid.method,
        "status": paid.status,
        "amount": orders.amount[paid.order],
        "paid_at": paid.paid,
    }


def returns(orders: Orders, lines: Lines, back: aftermath.Returns, first_id: int) -> Rows:
    """Columns of `returns`."""
    return {
        "return_id": np.arange(first_id, first_id + len(back.row)),
        "order_id": orders.order_id[lines.order[back.row]],
        "line": lines.line[back.row],
        "product_id": lines.product[back.row] + 1,
        "quantity": back.quantity,
        "reason": back.reason,
        "refund": back.refund,
        "returned_at": back.returned,
    }


def inventory(moved: aftermath.Movements, first_id: int) -> Rows:
    """Columns of `inventory`."""
    return {
        "movement_id": np.arange(first_id, first_id + len(moved.product)),
        "product_id": moved.product + 1,
        "moved_at": moved.moved,
        "kind": moved.kind,
        "quantity": moved.quantity,
        "warehouse": moved.warehouse,
    }


def events(crowd: People, orders: Orders, seen: clicks.Clicks, first_id: int, first_session: int) -> Rows:
    """Columns of `events`."""
    return {
        "event_id": np.arange(first_id, first_id + len(seen)),
        "session_id": seen.session + first_session,
        "user_id": _ids(crowd.user_id, seen.who),
        "event": seen.event,
        "occurred_at": seen.occurred,
        "device": seen.device,
        "product_id": np.where(seen.product >= 0, seen.product + 1, NULL),
        "query": seen.query,
        "order_id": _ids(orders.order_id, seen.order),
    }


def follows(edges: community.Follows) -> Rows:
    """Columns of `follows`."""
    return {"follower_id": edges.follower, "followee_id": edges.followee, "followed_at": edges.followed}


def ratings(crowd: People, rated: community.Ratings) -> Rows:
    """Columns of `ratings`."""
    return {
        "user_id": crowd.user_id[rated.who],
        "product_id": rated.product + 1,
        "rating": rated.stars,
        "rated_at": rated.rated,
    }


def truth_of(crowd: People) -> Rows:
    """What is known of each user and not exported by any system: see `columns.TRUTH_COLUMNS`."""
    total = crowd.taste.sum(axis=1)
    return {
        "user_id": crowd.user_id,
        "segment": crowd.segment,
        "community": crowd.community,
        "influencer": crowd.influencer,
        "variant": crowd.treated.astype(np.int64),
        "order_rate": crowd.rate / 1000,
        "churn_hazard": crowd.hazard,
        "churned_at": np.where(crowd.left == NEVER, NULL, crowd.left),
        "churn_reason": crowd.reason,
        **{f"taste_{name.lower()}": crowd.taste[:, c] / total for c, name in enumerate(words.CATEGORIES)},
    }


def _ids(ids: Array, index: Array) -> Array:
    return np.where(index >= 0, ids[index], NULL)
