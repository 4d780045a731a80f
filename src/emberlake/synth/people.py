"""The users of a block: who they are, what they like, how often they buy, and when they leave."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from emberlake.synth import calendar, draws, words
from emberlake.synth.catalogue import CATEGORY_WEIGHTS
from emberlake.synth.draws import Array, Draws
from emberlake.synth.plan import BLOCK_USERS, COMMUNITIES_A_BLOCK, Shop

SEGMENT_SHARES = (0.45, 0.40, 0.15)
# Orders a unit of time, relative to the regular customer.
SEGMENT_FREQUENCY = (0.7, 1.0, 2.2)
COUNTRY_SHARES = (0.25, 0.15, 0.12, 0.10, 0.08, 0.08, 0.12, 0.10)
CHANNEL_SHARES = (0.35, 0.20, 0.10, 0.15, 0.20)
LOYALTY_SHARES = ((0.85, 0.15, 0.0), (0.60, 0.30, 0.10), (0.15, 0.35, 0.50))
NEVER = np.iinfo(np.int64).min

# The hazard of leaving for good, a month of 730 hours: a base and a factor for each feature.
CHURN_BASE = 0.03
CHURN_BY_SEGMENT = (1.6, 1.0, 0.5)
CHURN_BY_CHANNEL = (1.0, 1.0, 1.0, 0.6, 1.8)
CHURN_BY_LOYALTY = (1.0, 0.9, 0.6)

# Weights of a user's taste: everyone's for a category, a little of one's own, the community's, a personal favourite.
COMMON_TASTE = tuple(round(100 * weight) for weight in CATEGORY_WEIGHTS)
OWN_TASTE = 20
COMMUNITY_TASTE = 50
FAVOURITE_TASTE = 70

# The channel of those whom somebody invited: a position in `words.SIGN_UP_CHANNELS`.
FRIEND = words.SIGN_UP_CHANNELS.index("friend")

INFLUENCERS_PER_1000_USERS = 3
FEWEST_INFLUENCERS = 3


@dataclass(frozen=True)
class People:
    """The users of one block, one entry each.

    Attributes:
        user_id: from 1, without gaps over all blocks.
        taste: weights by category, out of their sum.
        taste_until: cumulated taste, in 1/65,536.
        community: number over all blocks.
        rate: orders a unit of time, in 1/1,000 of the average.
        signed_up: seconds since the epoch.
        left: seconds since the epoch, `NEVER` for those who stay.
        begin, until: hours of the history in which the user may order.
    """

    block: int
    user_id: Array
    segment: Array
    country: Array
    city: Array
    gender: Array
    birth_year: Array
    given: Array
    family: Array
    channel: Array
    loyalty: Array
    signed_up: Array
    updated: Array
    taste: Array
    taste_until: Array
    community: Array
    influencer: Array
    treated: Array
    rate: Array
    hazard: Array
    reason: Array
    left: Array
    begin: Array
    until: Array

    def __len__(self) -> int:
        return len(self.user_id)


def is_treated(user_id: Array) -> Array:
    """Whether the experiment shows a user its treatment: the high bit of Knuth's multiplicative hash.

    In SQL: `(user_id * 2654435761) % 4294967296 >= 2147483648`.
    """
    return (user_id * 2654435761) % 4294967296 >= 2147483648


@lru_cache(maxsize=4)
def influencers(shop: Shop) -> Array:
    """User ids of all influencers, from the seed alone, the most followed one first."""
    wanted = min(shop.users, max(FEWEST_INFLUENCERS, shop.users * INFLUENCERS_PER_1000_USERS // 1000))
    # One in each stretch of equal length: no two are the same, and every file has its part.
    edges = np.arange(wanted + 1) * shop.users // wanted
    draw = Draws(shop.seed, draws.CROWD, 0)
    chosen = edges[:-1] + draw.below(wanted, np.diff(edges)) + 1
    return chosen[draw.shuffled(wanted)]


def people(shop: Shop, block: int) -> People:
    """The users of a block."""
    n = shop.users_in(block)
    first = block * BLOCK_USERS + 1
    return settle(shop, Draws(shop.seed, draws.USERS, block), np.arange(first, first + n), block)


def settle(shop: Shop, draw: Draws, user_id: Array, block: int) -> People:
    """People with these ids; the first of them has been there from the start and stays."""
    n = len(user_id)
    segment = draw.pick(n, _segments())
    country = draw.pick(n, draws.table_of(COUNTRY_SHARES))
    channel = draw.pick(n, draws.table_of(CHANNEL_SHARES))
    loyalty = _loyalties()[segment, draw.u16(n) >> 4]
    influencer = np.isin(user_id, influencers(shop))
    early = draw.chance(n, 0.4) | influencer
    early[0] = True
    signed_up = np.where(early, calendar.START_S - 1 - draw.below(n, 2 * 365 * 86400), 0)
    within = draw.below(n, (calendar.HOURS - 24) * 3600)
    signed_up = np.where(early, signed_up, calendar.START_S + within)
    begin = np.maximum(-(-(signed_up - calendar.START_S) // 3600), 0)
    factors = (np.array(CHURN_BY_SEGMENT)[segment], np.array(CHURN_BY_CHANNEL)[channel])
    hazard = CHURN_BASE * factors[0] * factors[1] * np.array(CHURN_BY_LOYALTY)[loyalty]
    lifetime = np.floor(draw.pick(n, draws.exponential_milli()) * 0.73 / hazard).astype(np.int64)
    leaves = begin + lifetime
    leaves[0] = calendar.HOURS
    # An influencer who left would explain nothing: they stay.
    stays = (leaves >= calendar.HOURS) | influencer
    until = np.where(stays, calendar.HOURS, leaves)
    community = draw.below(n, COMMUNITIES_A_BLOCK) + block * COMMUNITIES_A_BLOCK
    taste = _taste(draw, n, community)
    taste_until = np.cumsum(taste, axis=1) * 65536 // taste.sum(axis=1, keepdims=True)
    individual = 300 + draw.pick(n, draws.exponential_milli()) * 7 // 10
    days_known = (calendar.END_S - signed_up) // 86400
    return People(
        block=block,
        user_id=user_id,
        segment=segment,
        country=country,
        city=country * words.CITIES_A_COUNTRY + draw.below(n, words.CITIES_A_COUNTRY),
        gender=draw.pick(n, draws.table_of((0.48, 0.48, 0.04))),
        birth_year=1948 + draw.below(n, 30) + draw.below(n, 29),
        given=draw.below(n, len(words.GIVEN)),
        family=draw.below(n, len(words.FAMILY)),
        channel=channel,
        loyalty=loyalty,
        signed_up=signed_up,
        updated=signed_up + 3600 + draw.below(n, np.maximum(days_known, 1)) * 86400 // 2,
        taste=taste,
        taste_until=taste_until.astype(np.uint32),
        community=community,
        influencer=influencer,
        treated=is_treated(user_id),
        rate=np.floor(individual * np.array(SEGMENT_FREQUENCY)[segment]).astype(np.int64),
        hazard=hazard,
        reason=np.where(stays, -1, np.where(factors[1] > 1, 0, np.where(factors[0] > 1, 1, 2))),
        left=np.where(stays, NEVER, calendar.START_S + leaves * 3600),
        begin=begin,
        until=until,
    )


def inviters(draw: Draws, crowd: People, known: People) -> Array:
    """Who invited each of the crowd: one of `known` in the same community who had signed up before, all alike likely.

    So referrals grow as random recursive trees (Na, Rapoport, "Distribution of nodes of a tree by degree", 1970).

    Returns:
        User ids; `NEVER` for those who did not come by a friend, or before whom there was nobody.
    """
    order = np.lexsort((known.user_id, known.signed_up, known.community))
    community, signed_up = known.community[order], known.signed_up[order]
    # A community and a second as one number that rises; seconds since 1970 fit into 40 bits for 30,000 years.
    keys = community << 40 | signed_up
    first = np.searchsorted(keys, crowd.community << 40)
    before = np.searchsorted(keys, crowd.community << 40 | crowd.signed_up) - first
    chosen = known.user_id[order][np.minimum(first + draw.below(len(crowd), before), len(order) - 1)]
    return np.where((crowd.channel == FRIEND) & (before > 0), chosen, NEVER)


def _taste(draw: Draws, n: int, community: Array) -> Array:
    categories = len(CATEGORY_WEIGHTS)
    weights = np.array(COMMON_TASTE) + draw.below(n * categories, OWN_TASTE).reshape(n, categories)
    everyone = np.arange(n)
    # Neighbouring communities like different things: 3 and 8 have no common factor.
    weights[everyone, community * 3 % categories] += COMMUNITY_TASTE
    weights[everyone, draw.below(n, categories)] += FAVOURITE_TASTE
    return weights


@cache
def _segments() -> Array:
    return draws.table_of(SEGMENT_SHARES)


@cache
def _loyalties() -> Array:
    return np.stack([draws.table_of(shares) for shares in LOYALTY_SHARES])
