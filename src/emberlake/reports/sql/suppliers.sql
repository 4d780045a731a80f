/*
topic: products
title: Suppliers
question: Which suppliers bring margin, and whose goods come back, run out or disappoint?
parameters:
  category: {type: text, default: null, meaning: "Only products of this category, such as Toys; none: all."}
  top: {type: int, default: 20, minimum: 1, meaning: "How many suppliers are shown."}
reads:
  product_performance: [supplier]
  inventory_cover: null
columns:
  supplier: ["", "Who delivers; 'unknown' when the catalogue does not say."]
  products: ["", "Products in the catalogue."]
  units: [pieces, "Pieces sold."]
  revenue: [EUR, "Gross less discount of their lines."]
  margin: [EUR, "Revenue less purchase cost."]
  margin_rate: [share, "Margin as part of revenue; null without revenue."]
  return_rate: [share, "Pieces that came back, as part of those sold; null when none was sold."]
  rating: [stars, "Mean of all stars; null without ratings."]
  out_of_stock: ["", "Products with nothing on hand."]
plot: {kind: bar, x: supplier, y: margin, horizontal: true}
*/
with supplied as (
  select
    coalesce(p.supplier, 'unknown') as supplier,
    count(*) as products,
    sum(p.units) as units,
    sum(p.revenue) as revenue,
    sum(p.margin) as margin,
    sum(p.returned_units) as returned_units,
    sum(p.ratings) as ratings,
    -- Stars are whole numbers: a mean times its count, rounded, gives their sum back without an error.
    sum(cast(round(coalesce(p.rating, 0) * p.ratings) as bigint)) as stars,
    count_if(c.state = 'out') as out_of_stock
  from product_performance as p
  left join inventory_cover as c on c.product_id = p.product_id
  where (:category is null or p.category = :category)
  group by coalesce(p.supplier, 'unknown')
)
select
  supplier,
  products,
  units,
  revenue,
  margin,
  cast(margin as double) / nullif(cast(revenue as double), 0) as margin_rate,
  cast(returned_units as double) / nullif(cast(units as double), 0) as return_rate,
  cast(stars as double) / nullif(cast(ratings as double), 0) as rating,
  out_of_stock
from supplied
order by margin desc, supplier
limit :top
