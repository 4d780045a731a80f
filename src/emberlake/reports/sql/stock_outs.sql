/*
topic: stock
title: Stock-outs
question: Which products were out of stock, for how many days, and what did that cost?
notes: >-
  The loss is an estimate: the product's revenue a day while it was to be had, times the days without.
  It holds no back orders and no customers who bought something else.
parameters:
  category: {type: text, default: null, meaning: "Only this category, such as Toys; none: all."}
  top: {type: int, default: 30, minimum: 1, meaning: "How many products are shown, the longest out first."}
reads:
  stock_daily: []
  inventory_cover: []
  product_performance: null
columns:
  product_id: ["", "The product."]
  name: ["", "Its name."]
  category: ["", "Its category."]
  stock_outs: ["", "How often it ran out."]
  days_out: [days, "Days that ended with nothing on hand."]
  last_out: [UTC, "The last such day."]
  out_now: ["", "Whether it is out of stock on the last day in the data."]
  lost_revenue: [EUR, "Estimate of what was not sold; null for a product that never sold."]
plot: {kind: bar, x: name, y: days_out, horizontal: true}
*/
with spans as (
  select
    s.product_id,
    s.day,
    s.on_hand,
    lag(s.on_hand) over (partition by s.product_id order by s.day) as on_hand_before,
    -- Stock stays as a day left it until the next day with a movement.
    coalesce(lead(s.day) over (partition by s.product_id order by s.day), date_add(c.as_of, 1)) as next_day,
    c.name,
    c.category,
    c.as_of
  from stock_daily as s
  join inventory_cover as c on c.product_id = s.product_id
  where (:category is null or c.category = :category)
),
outs as (
  select
    product_id,
    max(name) as name,
    max(category) as category,
    max(as_of) as as_of,
    count_if(on_hand_before is null or on_hand_before > 0) as stock_outs,
    sum(datediff(next_day, day)) as days_out,
    max(date_sub(next_day, 1)) as last_out
  from spans
  where on_hand <= 0
  group by product_id
)
select
  o.product_id,
  o.name,
  o.category,
  o.stock_outs,
  o.days_out,
  o.last_out,
  o.last_out = o.as_of as out_now,
  cast(p.revenue as double) * cast(o.days_out as double)
    / nullif(cast(greatest(datediff(o.as_of, p.first_sold) + 1 - o.days_out, 1) as double), 0) as lost_revenue
from outs as o
left join product_performance as p on p.product_id = o.product_id
where o.days_out > 0
order by o.days_out desc, o.product_id
limit :top
