/*
topic: tpch
title: "TPC-H: orders by nation"
question: From which nations and regions do the orders come?
parameters:
  since: {type: date, default: null, meaning: "First day of an order counted; none: the first in the data."}
  until: {type: date, default: null, meaning: "Last day of an order counted; none: the last in the data."}
reads:
  tpch_orders: []
  tpch_customer: []
  tpch_nation: []
  tpch_region: []
columns:
  region: ["", "The region."]
  nation: ["", "The nation."]
  buyers: ["", "Customers there with an order that counts."]
  orders: ["", "Their orders."]
  total_price: [USD, "Totals, with tax and discount."]
  share: [share, "Part of the totals of all nations."]
plot: {kind: bar, x: nation, y: total_price, colour: region, horizontal: true, stacked: true}
*/
with bought as (
  select o_custkey, count(*) as orders, sum(o_totalprice) as total_price
  from tpch_orders
  where (:since is null or o_orderdate >= :since) and (:until is null or o_orderdate <= :until)
  group by o_custkey
),
nations as (
  select
    r.r_name as region,
    n.n_name as nation,
    count(*) as buyers,
    sum(b.orders) as orders,
    sum(b.total_price) as total_price
  from bought as b
  join tpch_customer as c on c.c_custkey = b.o_custkey
  join tpch_nation as n on n.n_nationkey = c.c_nationkey
  join tpch_region as r on r.r_regionkey = n.n_regionkey
  group by r.r_name, n.n_name
)
select
  region,
  nation,
  buyers,
  orders,
  total_price,
  cast(total_price as double) / nullif(cast(sum(total_price) over () as double), 0) as share
from nations
order by total_price desc, nation
