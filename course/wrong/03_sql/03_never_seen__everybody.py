"""All users are there: the left join keeps those without a match, and nothing chooses them. A condition such as
`WHERE e.event_id IS NULL` is missing, or another kind of join."""


def answer(spark, lake):
    lake.read("silver.users").createOrReplaceTempView("users")
    lake.read("silver.events").createOrReplaceTempView("events")
    return spark.sql("""
        SELECT DISTINCT u.user_id, u.country
        FROM users AS u
        LEFT JOIN events AS e ON e.user_id = u.user_id
    """)
