"""Who follows whom, and what people think of what they bought."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emberlake.synth import calendar, draws
from emberlake.synth.baskets import Lines, Orders
from emberlake.synth.catalogue import PRODUCTS, Catalogue
from emberlake.synth.draws import Array, Draws
from emberlake.synth.people import People, influencers
from emberlake.synth.plan import COMMUNITIES_A_BLOCK, Shop

FOLLOWS_A_USER = 5
# Of a user's follows: within the community, an influencer anywhere, and anybody of the block.
OWN_SHARE = 0.70
INFLUENCER_SHARE = 0.18
RATED_SHARE = 0.20
DAY = 86400


@dataclass(frozen=True)
class Follows:
    """Edges; `followed` in seconds since the epoch."""

    follower: Array
    followee: Array
    followed: Array


@dataclass(frozen=True)
class Ratings:
    """Stars; `who` is the index of the rater, `product` of the product."""

    who: Array
    product: Array
    stars: Array
    rated: Array


def follow(draw: Draws, shop: Shop, crowd: People) -> Follows:
    """A stochastic block model (Holland, Laskey, Leinhardt 1983) with a few users whom all of the shop follows."""
    n = len(crowd) * FOLLOWS_A_USER
    follower = draw.below(n, len(crowd))
    members = np.argsort(crowd.community, kind="stable")
    local = crowd.community - crowd.block * COMMUNITIES_A_BLOCK
    size = np.bincount(local, minlength=COMMUNITIES_A_BLOCK)
    first = np.cumsum(size) - size
    mine = local[follower]
    fellow = members[first[mine] + draw.below(n, size[mine])]
    anyone = draw.below(n, len(crowd))
    which = draw.u16(n)
    own, famous = round(OWN_SHARE * 65536), round((OWN_SHARE + INFLUENCER_SHARE) * 65536)
    near = np.where(which < own, fellow, anyone)
    followee = crowd.user_id[near]
    star = (which >= own) & (which < famous)
    followee[star] = _famous(draw, shop, int(star.sum()))
    # Influencers were there before the history; anyone else in this block may have come after the follower.
    since = np.maximum(crowd.signed_up[follower], np.where(star, calendar.START_S, crowd.signed_up[near]))
    since = np.maximum(since, calendar.START_S)
    followed = since + draw.below(n, calendar.END_S - since)
    follower_id = crowd.user_id[follower]
    keys = follower_id << 32 | followee
    _, kept = np.unique(keys[follower_id != followee], return_index=True)
    kept = np.flatnonzero(follower_id != followee)[kept]
    return Follows(follower_id[kept], followee[kept], followed[kept])


def _famous(draw: Draws, shop: Shop, n: int) -> Array:
    """An influencer for each; the square of a random number favours the first ones of the list."""
    ranked = influencers(shop)
    u = draw.u32(n) >> np.uint64(16)
    return ranked[((u * u * np.uint64(len(ranked))) >> np.uint64(32)).astype(np.int64)]


def rate(draw: Draws, crowd: People, stock: Catalogue, orders: Orders, lines: Lines, until: int) -> Ratings:
    """Stars for a part of what was bought: the product's quality, how far it is to the buyer's taste, and chance."""
    row = np.flatnonzero(draw.chance(len(lines), RATED_SHARE))
    order = lines.order[row]
    rated = orders.ordered[order] + DAY + draw.below(len(row), 20 * DAY)
    key = orders.who[order] * PRODUCTS + lines.product[row]
    _, kept = np.unique(key, return_index=True)
    kept = kept[rated[kept] < until]
    who, product = key[kept] // PRODUCTS, key[kept] % PRODUCTS
    taste = crowd.taste[who, stock.category[product]] * 1000 // crowd.taste.sum(axis=1)[who]
    noise = draws.normal_milli()[draw.u16(len(who)) >> 4] * 7 // 10
    # 2.6 stars without any liking, up to 2.2 more for the favourite category.
    score = 2600 + np.minimum(taste * 5, 2200) + stock.quality[product] + noise
    return Ratings(who, product, np.clip((score + 500) // 1000, 1, 5), rated[kept])
