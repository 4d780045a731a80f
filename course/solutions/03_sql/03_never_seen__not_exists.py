"""`NOT EXISTS` says the same in standard SQL, and Spark plans it as an anti join."""


def answer(spark, lake):
    lake.read("silver.users").createOrReplaceTempView("users")
    lake.read("silver.events").createOrReplaceTempView("events")
    return spark.sql("""
        SELECT user_id, country
        FROM users
        WHERE NOT EXISTS (SELECT 1 FROM events WHERE events.user_id = users.user_id)
    """)
