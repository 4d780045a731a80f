/*
topic: products
title: Top products
question: Which products sell best, by revenue, pieces or margin?
parameters:
  since: {type: date, default: null, meaning: "First day counted; none: the first in the data."}
  until: {type: date, default: null, meaning: "Last day counted; none: the last in the data."}
  category: {type: text, default: null, meaning: "Only this category, such as Toys; none: all."}
  rank_by: {type: text, default: revenue, choices: [revenue, units, margin], meaning: "What the ranking goes by."}
  top: {type: int, default: 20, minimum: 1, meaning: "How many products are shown."}
reads:
  product_daily: []
  product_performance: null
columns:
  rank: ["", "1 for the best; equals share a rank."]
  product_id: ["", "The product."]
  name: ["", "Its name; null for products that the catalogue does not know."]
  category: ["", "Its category."]
  units: [pieces, "Pieces sold."]
  revenue: [EUR, "Gross less discount of its lines."]
  margin: [EUR, "Revenue less purchase cost."]
  share: [share, "Part of the revenue of all products that count."]
plot: {kind: bar, x: name, y: revenue, horizontal: true}
*/
with products_sold as (
  select
    product_id,
    max(category) as category,
    sum(units) as units,
    sum(revenue) as revenue,
    sum(revenue) - sum(cost) as margin
  from product_daily
  where (:since is null or day >= :since)
    and (:until is null or day <= :until)
    and (:category is null or category = :category)
  group by product_id
  having sum(product_daily.units) > 0
),
ranked as (
  select
    *,
    sum(revenue) over () as revenue_of_all,
    -- One type for all branches: engines differ in how they mix whole numbers and decimals.
    rank() over (
      order by case :rank_by
        when 'units' then cast(units as decimal(38, 2))
        when 'margin' then cast(margin as decimal(38, 2))
        else cast(revenue as decimal(38, 2))
      end desc
    ) as rank
  from products_sold
)
select
  r.rank,
  r.product_id,
  p.name,
  r.category,
  r.units,
  r.revenue,
  r.margin,
  cast(r.revenue as double) / nullif(cast(r.revenue_of_all as double), 0) as share
from ranked as r
left join product_performance as p on p.product_id = r.product_id
order by r.rank, r.product_id
limit :top
