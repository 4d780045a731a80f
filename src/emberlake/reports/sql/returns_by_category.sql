/*
topic: products
title: Returns by category
question: How much of what each category sells comes back, and what does that take off revenue?
notes: Pieces count on the day they come back, so a short period may hold returns of earlier sales.
parameters:
  since: {type: date, default: null, meaning: "First day counted; none: the first in the data."}
  until: {type: date, default: null, meaning: "Last day counted; none: the last in the data."}
reads:
  product_daily: [category]
needs:
  returns: []
columns:
  category: ["", "The category; 'unknown' for products that the catalogue does not know."]
  units: [pieces, "Pieces sold."]
  returned_units: [pieces, "Pieces that came back."]
  return_rate: [share, "The second as part of the first; null when none was sold."]
  revenue: [EUR, "Gross less discount of the lines."]
  refunds: [EUR, "Paid back."]
  refund_rate: [share, "Refunds as part of revenue; null without revenue."]
plot: {kind: bar, x: category, y: [return_rate, refund_rate]}
*/
select
  coalesce(category, 'unknown') as category,
  sum(units) as units,
  sum(returned_units) as returned_units,
  cast(sum(returned_units) as double) / nullif(cast(sum(units) as double), 0) as return_rate,
  sum(revenue) as revenue,
  sum(refunds) as refunds,
  cast(sum(refunds) as double) / nullif(cast(sum(revenue) as double), 0) as refund_rate
from product_daily
where (:since is null or day >= :since) and (:until is null or day <= :until)
group by coalesce(category, 'unknown')
order by return_rate desc nulls last, category
