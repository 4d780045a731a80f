/*
topic: products
title: Ratings by category
question: How do customers rate what they bought, and where are the unhappy ones?
parameters:
  since: {type: date, default: null, meaning: "First day of a rating counted; none: the first in the data."}
  until: {type: date, default: null, meaning: "Last day of a rating counted; none: the last in the data."}
reads:
  ratings: []
  products: [category]
columns:
  category: ["", "The category; 'unknown' for products without one."]
  stars: [stars, "1 (bad) to 5 (good)."]
  ratings: ["", "Ratings with so many stars."]
  share: [share, "Part of the category's ratings."]
  mean: [stars, "Mean of the category's stars."]
plot: {kind: heatmap, x: stars, y: category, value: share}
*/
with by_product as (
  select product_id, rating as stars, count(*) as ratings
  from ratings
  where (:since is null or rated_at >= cast(:since as timestamp))
    and (:until is null or rated_at < cast(date_add(cast(:until as date), 1) as timestamp))
  group by product_id, rating
),
counted as (
  select coalesce(p.category, 'unknown') as category, r.stars, sum(r.ratings) as ratings
  from by_product as r
  left join products as p on p.product_id = r.product_id
  group by coalesce(p.category, 'unknown'), r.stars
)
select
  category,
  stars,
  ratings,
  cast(ratings as double) / cast(sum(ratings) over (partition by category) as double) as share,
  cast(sum(stars * ratings) over (partition by category) as double)
    / cast(sum(ratings) over (partition by category) as double) as mean
from counted
order by category, stars
