/*
topic: tpch
title: "TPC-H: orders by status and priority"
question: How many orders of each priority are finished, open or partly delivered?
parameters:
  since: {type: date, default: null, meaning: "First day of an order counted; none: the first in the data."}
  until: {type: date, default: null, meaning: "Last day of an order counted; none: the last in the data."}
reads:
  tpch_orders: []
columns:
  status: ["", "F finished, O open, P partly."]
  priority: ["", "1-URGENT to 5-LOW."]
  orders: ["", "Orders."]
  share: [share, "Part of all orders that count."]
  total_price: [USD, "Their totals, with tax and discount."]
  average_price: [USD, "Total an order."]
plot: {kind: bar, x: priority, y: orders, colour: status, stacked: true}
*/
with counted as (
  select
    coalesce(o_orderstatus, 'unknown') as status,
    coalesce(o_orderpriority, 'unknown') as priority,
    count(*) as orders,
    sum(o_totalprice) as total_price
  from tpch_orders
  where (:since is null or o_orderdate >= :since) and (:until is null or o_orderdate <= :until)
  group by coalesce(o_orderstatus, 'unknown'), coalesce(o_orderpriority, 'unknown')
)
select
  status,
  priority,
  orders,
  cast(orders as double) / cast(sum(orders) over () as double) as share,
  total_price,
  cast(total_price as double) / cast(orders as double) as average_price
from counted
order by status, priority
