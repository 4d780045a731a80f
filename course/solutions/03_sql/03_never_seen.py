"""An anti join keeps the rows without a match; nulls match nothing and do no harm."""


def answer(spark, lake):
    lake.read("silver.users").createOrReplaceTempView("users")
    lake.read("silver.events").createOrReplaceTempView("events")
    return spark.sql("""
        SELECT u.user_id, u.country
        FROM users AS u
        LEFT ANTI JOIN events AS e ON e.user_id = u.user_id
    """)
