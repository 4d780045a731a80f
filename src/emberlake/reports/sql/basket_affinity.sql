/*
topic: products
title: Products bought together
question: Which pairs of products land in one basket more often than chance would have it?
notes: Lift above 1 means more often than chance. Pairs with few baskets are noise, hence the minimum.
parameters:
  since: {type: date, default: null, meaning: "First month counted (any day of it); none: the first in the data."}
  until: {type: date, default: null, meaning: "Last month counted (any day of it); none: the last in the data."}
  min_baskets: {type: int, default: 10, minimum: 1, meaning: "Pairs in fewer baskets are left out."}
  top: {type: int, default: 20, minimum: 1, meaning: "How many pairs are shown."}
reads:
  basket_pairs: []
  basket_products: []
  product_performance: null
columns:
  pair: ["", "Both names."]
  product_a: ["", "The product with the lower number."]
  product_b: ["", "The product with the higher number."]
  baskets: ["", "Orders with both."]
  support: [share, "Orders with both, as part of all orders with lines."]
  confidence_a_to_b: [share, "Of the orders with A, those that also have B."]
  confidence_b_to_a: [share, "Of the orders with B, those that also have A."]
  lift: ["", "How many times more often together than if they had nothing to do with each other."]
plot: {kind: bar, x: pair, y: lift, horizontal: true}
*/
with months as (
  select month, max(baskets_total) as baskets
  from basket_products
  where (:since is null or last_day(month) >= :since) and (:until is null or month <= :until)
  group by month
),
everything as (
  select sum(baskets) as baskets from months
),
singles as (
  select product_id, sum(baskets) as baskets
  from basket_products
  where (:since is null or last_day(month) >= :since) and (:until is null or month <= :until)
  group by product_id
),
pairs as (
  select product_a, product_b, sum(baskets) as baskets
  from basket_pairs
  where (:since is null or last_day(month) >= :since) and (:until is null or month <= :until)
  group by product_a, product_b
  having sum(basket_pairs.baskets) >= :min_baskets
),
scored as (
  select
    p.product_a,
    p.product_b,
    p.baskets,
    cast(p.baskets as double) / cast(e.baskets as double) as support,
    cast(p.baskets as double) / cast(a.baskets as double) as confidence_a_to_b,
    cast(p.baskets as double) / cast(b.baskets as double) as confidence_b_to_a,
    cast(p.baskets * e.baskets as double) / cast(a.baskets * b.baskets as double) as lift
  from pairs as p
  join singles as a on a.product_id = p.product_a
  join singles as b on b.product_id = p.product_b
  cross join everything as e
)
select
  concat(
    coalesce(x.name, cast(s.product_a as string)), ' + ', coalesce(y.name, cast(s.product_b as string))
  ) as pair,
  s.product_a,
  s.product_b,
  s.baskets,
  s.support,
  s.confidence_a_to_b,
  s.confidence_b_to_a,
  s.lift
from scored as s
left join product_performance as x on x.product_id = s.product_a
left join product_performance as y on y.product_id = s.product_b
order by s.lift desc, s.baskets desc, s.product_a, s.product_b
limit :top
