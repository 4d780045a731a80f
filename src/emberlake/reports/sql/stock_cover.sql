/*
topic: stock
title: Stock cover
question: How many days does the stock of each product last, and what must be ordered now?
notes: Cover is at the pace of the last 28 days in the data.
parameters:
  state: {type: text, default: all, choices: [all, out, low, fine, slow], meaning: "Only products in this state."}
  category: {type: text, default: null, meaning: "Only this category, such as Toys; none: all."}
  top: {type: int, default: 30, minimum: 1, meaning: "How many products are shown, the most urgent first."}
reads:
  inventory_cover: []
columns:
  product_id: ["", "The product."]
  name: ["", "Its name."]
  category: ["", "Its category."]
  supplier: ["", "Who delivers it."]
  state: ["", "out, low (under 14 days), fine, or slow (over 180 days or no sales)."]
  on_hand: [pieces, "Pieces now; negative means sold on back order."]
  units_28d: [pieces, "Pieces sold in the last 28 days."]
  cover_days: [days, "How long the stock lasts; null when nothing was sold."]
plot: {kind: bar, x: name, y: cover_days, colour: state, order: [out, low, fine, slow], horizontal: true, stacked: true}
*/
select product_id, name, category, supplier, state, on_hand, units_28d, cover_days
from inventory_cover
where (:state = 'all' or state = :state) and (:category is null or category = :category)
order by
  case state when 'out' then 1 when 'low' then 2 when 'fine' then 3 else 4 end,
  case when cover_days is null then 1 else 0 end,
  cover_days,
  units_28d desc,
  product_id
limit :top
