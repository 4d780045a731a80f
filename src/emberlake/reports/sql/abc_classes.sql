/*
topic: products
title: ABC classes
question: How many products are in each class, and what do the many small ones bring?
notes: A are the products that make the first 80 % of revenue, B the next 15 %, C the rest and all that never sold.
parameters:
  category: {type: text, default: null, meaning: "Only this category, such as Toys; none: all."}
reads:
  product_performance: [abc_class]
columns:
  abc_class: ["", "The class."]
  products: ["", "Products in it."]
  product_share: [share, "Part of all products."]
  units: [pieces, "Pieces sold."]
  revenue: [EUR, "Gross less discount of their lines."]
  revenue_share: [share, "Part of all revenue."]
  margin: [EUR, "Revenue less purchase cost."]
plot: {kind: bar, x: abc_class, y: [product_share, revenue_share]}
*/
with classes as (
  select
    coalesce(abc_class, 'C') as abc_class,
    count(*) as products,
    sum(units) as units,
    sum(revenue) as revenue,
    sum(margin) as margin
  from product_performance
  where (:category is null or category = :category)
  group by coalesce(abc_class, 'C')
)
select
  abc_class,
  products,
  cast(products as double) / cast(sum(products) over () as double) as product_share,
  units,
  revenue,
  cast(revenue as double) / nullif(cast(sum(revenue) over () as double), 0) as revenue_share,
  margin
from classes
order by abc_class
