/*
topic: visits
title: Conversion by device
question: Do visits from phones buy as often as those from desks, and where are carts left behind?
parameters:
  since: {type: date, default: null, meaning: "First day counted; none: the first in the data."}
  until: {type: date, default: null, meaning: "Last day counted; none: the last in the data."}
reads:
  funnel_daily: [device]
columns:
  month: [UTC, "First day of the month."]
  device: ["", "The device."]
  visits: ["", "Visits that began in the month."]
  purchases: ["", "Visits that bought."]
  conversion: [share, "The second as part of the first."]
  cart_rate: [share, "Visits that filled a cart, as part of all."]
  abandonment: [share, "Filled carts that were not bought, as part of all filled carts; null without any."]
plot: {kind: line, x: month, y: conversion, colour: device}
*/
select
  trunc(day, 'MONTH') as month,
  device,
  sum(sessions) as visits,
  sum(purchased) as purchases,
  cast(sum(purchased) as double) / nullif(cast(sum(sessions) as double), 0) as conversion,
  cast(sum(carted) as double) / nullif(cast(sum(sessions) as double), 0) as cart_rate,
  1 - cast(sum(purchased) as double) / nullif(cast(sum(carted) as double), 0) as abandonment
from funnel_daily
where (:since is null or day >= :since) and (:until is null or day <= :until)
group by trunc(day, 'MONTH'), device
order by month, device
