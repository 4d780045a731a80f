/*
topic: sales
title: Margin by category
question: What is left in each category after discounts and purchase cost?
parameters:
  since: {type: date, default: null, meaning: "First day counted; none: the first in the data."}
  until: {type: date, default: null, meaning: "Last day counted; none: the last in the data."}
reads:
  product_daily: [category]
needs:
  products: [cost]
columns:
  category: ["", "The category; 'unknown' for products that the catalogue does not know."]
  units: [pieces, "Pieces sold."]
  gross: [EUR, "Quantity times unit price."]
  discount: [EUR, "Taken off the lines."]
  revenue: [EUR, "Gross less discount."]
  cost: [EUR, "Purchase cost of the pieces sold."]
  margin: [EUR, "Revenue less cost."]
  margin_rate: [share, "Margin as part of revenue; null without revenue."]
plot: {kind: bar, x: category, y: margin_rate}
*/
select
  coalesce(category, 'unknown') as category,
  sum(units) as units,
  sum(gross) as gross,
  sum(discount) as discount,
  sum(revenue) as revenue,
  sum(cost) as cost,
  sum(revenue) - sum(cost) as margin,
  cast(sum(revenue) - sum(cost) as double) / nullif(cast(sum(revenue) as double), 0) as margin_rate
from product_daily
where (:since is null or day >= :since) and (:until is null or day <= :until)
group by coalesce(category, 'unknown')
order by margin desc, category
