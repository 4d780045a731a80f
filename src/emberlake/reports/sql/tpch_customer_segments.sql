/*
topic: tpch
title: "TPC-H: customer segments"
question: How many customers does each market segment have, how many of them order, and for how much?
notes: A third of TPC-H's customers never order, by design of the benchmark.
parameters:
  nation: {type: text, default: null, meaning: "Only customers of this nation, such as FRANCE; none: all."}
reads:
  tpch_customer: [c_mktsegment]
  tpch_orders: []
  tpch_nation: null
columns:
  segment: ["", "The market segment."]
  customers: ["", "Customers in it."]
  buyers: ["", "Those with an order."]
  orders: ["", "Their orders."]
  total_price: [USD, "Totals of their orders, with tax and discount."]
  price_per_customer: [USD, "Total a customer, buyers or not."]
  balance: [USD, "Sum of the customers' accounts."]
plot: {kind: bar, x: segment, y: total_price}
*/
with chosen as (
  select c.c_custkey, coalesce(c.c_mktsegment, 'unknown') as segment, c.c_acctbal
  from tpch_customer as c
  left join tpch_nation as n on n.n_nationkey = c.c_nationkey
  where (:nation is null or n.n_name = :nation)
),
bought as (
  select o_custkey, count(*) as orders, sum(o_totalprice) as total_price from tpch_orders group by o_custkey
)
select
  c.segment,
  count(*) as customers,
  count(b.o_custkey) as buyers,
  sum(coalesce(b.orders, 0)) as orders,
  sum(coalesce(b.total_price, cast(0 as decimal(25, 2)))) as total_price,
  cast(sum(coalesce(b.total_price, cast(0 as decimal(25, 2)))) as double) / cast(count(*) as double)
    as price_per_customer,
  sum(c.c_acctbal) as balance
from chosen as c
left join bought as b on b.o_custkey = c.c_custkey
group by c.segment
order by c.segment
