/*
topic: stock
title: Money in stock
question: How much money lies in stock in each category, and how much of it hardly moves?
parameters: {}
reads:
  inventory_cover: []
  products: [cost]
columns:
  category: ["", "The category; 'unknown' for products without one."]
  state: ["", "out, low (under 14 days), fine, or slow (over 180 days or no sales)."]
  products: ["", "Products in that state."]
  on_hand: [pieces, "Their pieces; back orders count as none."]
  value: [EUR, "Their purchase cost."]
  share: [share, "Part of the money in the whole stock."]
plot: {kind: bar, x: category, y: value, colour: state, order: [out, low, fine, slow], stacked: true}
*/
with valued as (
  select
    coalesce(i.category, 'unknown') as category,
    i.state,
    greatest(i.on_hand, 0) as on_hand,
    greatest(i.on_hand, 0) * coalesce(p.cost, cast(0 as decimal(12, 2))) as value
  from inventory_cover as i
  left join products as p on p.product_id = i.product_id
),
states as (
  select
    category,
    state,
    count(*) as products,
    sum(on_hand) as on_hand,
    cast(sum(value) as decimal(22, 2)) as value
  from valued
  group by category, state
)
select
  category,
  state,
  products,
  on_hand,
  value,
  cast(value as double) / nullif(cast(sum(value) over () as double), 0) as share
from states
order by category, case state when 'out' then 1 when 'low' then 2 when 'fine' then 3 else 4 end, state
