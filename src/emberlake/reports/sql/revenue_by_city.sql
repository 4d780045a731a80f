/*
topic: customers
title: Revenue by city
question: In which cities do the customers live who spend most?
parameters:
  country: {type: text, default: null, meaning: "Only this country, such as DE; none: all."}
  top: {type: int, default: 20, minimum: 1, meaning: "How many cities are shown."}
reads:
  customer_360: [city]
columns:
  city: ["", "City of the current address, else of sign-up."]
  country: ["", "Its country; 'unknown' without one."]
  customers: ["", "Customers there with an order."]
  orders: ["", "Their orders."]
  revenue: [EUR, "Their amounts."]
  share: [share, "Part of the revenue of all cities that count."]
  revenue_per_customer: [EUR, "Revenue a customer."]
plot: {kind: bar, x: city, y: revenue, colour: country, horizontal: true, stacked: true}
*/
with cities as (
  select
    city,
    coalesce(country, 'unknown') as country,
    count(*) as customers,
    sum(orders) as orders,
    sum(revenue) as revenue
  from customer_360
  where orders > 0 and city is not null and (:country is null or country = :country)
  group by city, coalesce(country, 'unknown')
)
select
  city,
  country,
  customers,
  orders,
  revenue,
  cast(revenue as double) / nullif(cast(sum(revenue) over () as double), 0) as share,
  cast(revenue as double) / cast(customers as double) as revenue_per_customer
from cities
order by revenue desc, city, country
limit :top
