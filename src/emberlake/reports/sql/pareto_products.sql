/*
topic: products
title: Pareto curve of products
question: How few products make most of the revenue?
parameters:
  since: {type: date, default: null, meaning: "First day counted; none: the first in the data."}
  until: {type: date, default: null, meaning: "Last day counted; none: the last in the data."}
  category: {type: text, default: null, meaning: "Only this category, such as Toys; none: all."}
  a_share: {type: number, default: 0.8, minimum: 0, meaning: "Class A makes this part of revenue."}
  b_share: {type: number, default: 0.95, minimum: 0, meaning: "Classes A and B together make this part."}
reads:
  product_daily: []
columns:
  rank: ["", "1 for the product with the highest revenue."]
  product_id: ["", "The product."]
  category: ["", "Its category."]
  revenue: [EUR, "Gross less discount of its lines."]
  product_share: [share, "Rank as part of all products sold."]
  revenue_share: [share, "Part of revenue that this product and those before it make."]
  abc_class: ["", "A, B or C: the class that the product begins in."]
plot: {kind: line, x: product_share, y: revenue_share}
*/
with sold as (
  select product_id, max(category) as category, sum(revenue) as revenue
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
    row_number() over (order by revenue desc, product_id) as rank,
    sum(revenue) over (order by revenue desc, product_id rows between unbounded preceding and current row) as so_far,
    sum(revenue) over () as total,
    count(*) over () as products
  from sold
)
select
  rank,
  product_id,
  category,
  revenue,
  cast(rank as double) / cast(products as double) as product_share,
  cast(so_far as double) / nullif(cast(total as double), 0) as revenue_share,
  case
    when cast(so_far - revenue as double) < :a_share * cast(total as double) then 'A'
    when cast(so_far - revenue as double) < :b_share * cast(total as double) then 'B'
    else 'C'
  end as abc_class
from ranked
order by rank
