"""The same in SQL: `VERSION AS OF` stands behind the table."""

from shutil import rmtree


def answer(spark, lake):
    path = lake.scratch("orders")
    rmtree(path, ignore_errors=True)
    orders = lake.read("silver.orders").select("order_id", "status", "amount")
    orders.write.format("delta").save(path)
    spark.sql(f"DELETE FROM delta.`{path}` WHERE status = 'cancelled'")
    return spark.sql(f"""
        SELECT 0 AS version, COUNT(*) AS orders FROM delta.`{path}` VERSION AS OF 0
        UNION ALL
        SELECT 1 AS version, COUNT(*) AS orders FROM delta.`{path}` VERSION AS OF 1
    """)
