/*
topic: products
title: Price elasticity
question: By how many percent do sales fall when a price rises by one percent?
notes: >-
  A least-squares slope of ln(pieces a day) on ln(price) within products: each price that a product had for long enough
  is one point, and each product is compared with itself only. Season, campaigns and stock-outs are not taken out, and
  prices at which nothing was sold are left out, so read it as a first estimate.
parameters:
  min_days: {type: int, default: 14, minimum: 1, meaning: "Prices that held for fewer whole days are left out."}
reads:
  product_daily: []
  prices: []
columns:
  category: ["", "The category; 'unknown' for products without one."]
  products: ["", "Products with at least two such prices."]
  points: ["", "Their prices."]
  elasticity: ["", "Change of sales in percent for one percent more price; null when prices did not move."]
  r_squared: [share, "Part of the ups and downs of sales that prices explain."]
  reading: ["", "elastic (below -1), inelastic (-1 to 0), or unclear (0 and above)."]
plot: {kind: bar, x: category, y: elasticity}
*/
with bounds as (
  select min(day) as first_day, max(day) as last_day from product_daily
),
periods as (
  -- Whole days only: on the day of a change both prices were asked.
  select
    p.product_id,
    p.price,
    greatest(date_add(cast(p.valid_from as date), 1), b.first_day) as from_day,
    least(coalesce(date_sub(cast(p.valid_to as date), 1), b.last_day), b.last_day) as to_day
  from prices as p
  cross join bounds as b
  where p.price > 0
),
sales as (
  select
    p.product_id,
    p.price,
    p.from_day,
    max(datediff(p.to_day, p.from_day) + 1) as days,
    max(coalesce(d.category, 'unknown')) as category,
    sum(d.units) as units
  from periods as p
  join product_daily as d on d.product_id = p.product_id and d.day between p.from_day and p.to_day
  where datediff(p.to_day, p.from_day) + 1 >= :min_days
  group by p.product_id, p.price, p.from_day
  having sum(d.units) > 0
),
points as (
  select
    product_id,
    category,
    ln(cast(price as double)) as x,
    ln(cast(units as double) / cast(days as double)) as y
  from sales
),
means as (
  select product_id, count(*) as points, avg(x) as x, avg(y) as y from points group by product_id having count(*) > 1
),
moments as (
  select
    p.category,
    count(distinct p.product_id) as products,
    count(*) as points,
    sum((p.x - m.x) * (p.x - m.x)) as xx,
    sum((p.x - m.x) * (p.y - m.y)) as xy,
    sum((p.y - m.y) * (p.y - m.y)) as yy
  from points as p
  join means as m on m.product_id = p.product_id
  group by p.category
),
slopes as (
  -- Rounded, because sums of logarithms end in other last digits on every engine and partitioning.
  select
    category,
    products,
    points,
    round(xy / case when xx > 1e-12 then xx end, 4) as elasticity,
    round(xy * xy / case when xx * yy > 1e-18 then xx * yy end, 4) as r_squared
  from moments
)
select
  category,
  products,
  points,
  elasticity,
  r_squared,
  case when elasticity < -1 then 'elastic' when elasticity < 0 then 'inelastic' else 'unclear' end as reading
from slopes
order by category
