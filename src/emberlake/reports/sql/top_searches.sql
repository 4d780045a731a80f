/*
topic: visits
title: What visitors search for
question: What do visitors search for, and do they find something to buy?
notes: Upper and lower case and blanks around a search do not count.
parameters:
  since: {type: date, default: null, meaning: "First day counted; none: the first in the data."}
  until: {type: date, default: null, meaning: "Last day counted; none: the last in the data."}
  min_visits: {type: int, default: 1, minimum: 1, meaning: "Searches of fewer visits are left out."}
  top: {type: int, default: 20, minimum: 1, meaning: "How many searches are shown."}
reads:
  events: [query]
columns:
  search: ["", "The words."]
  searches: ["", "How often they were searched for."]
  visits: ["", "In how many visits."]
  carted: ["", "Visits among them that filled a cart."]
  bought: ["", "Visits among them that bought."]
  cart_rate: [share, "Carted as part of visits: low means that the search found nothing of use."]
  conversion: [share, "Bought as part of visits."]
plot: {kind: bar, x: search, y: visits, horizontal: true}
*/
with searched as (
  select lower(trim(query)) as search, session_id, count(*) as searches
  from events
  where event = 'search'
    and query is not null
    and (:since is null or occurred_at >= cast(:since as timestamp))
    and (:until is null or occurred_at < cast(date_add(cast(:until as date), 1) as timestamp))
  group by lower(trim(query)), session_id
),
outcomes as (
  select
    session_id,
    max(case when event = 'add_to_cart' then 1 else 0 end) as carted,
    max(case when event = 'purchase' then 1 else 0 end) as bought
  from events
  where event in ('add_to_cart', 'purchase')
  group by session_id
),
counted as (
  select
    s.search,
    sum(s.searches) as searches,
    count(*) as visits,
    sum(coalesce(o.carted, 0)) as carted,
    sum(coalesce(o.bought, 0)) as bought
  from searched as s
  left join outcomes as o on o.session_id = s.session_id
  group by s.search
  having count(*) >= :min_visits
)
select
  search,
  searches,
  visits,
  carted,
  bought,
  cast(carted as double) / cast(visits as double) as cart_rate,
  cast(bought as double) / cast(visits as double) as conversion
from counted
order by visits desc, searches desc, search
limit :top
