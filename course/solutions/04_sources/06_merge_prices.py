"""One row a product, then MERGE: update where there is a match, insert where there is none."""

from shutil import rmtree

from delta.tables import DeltaTable
from pyspark.sql import functions as F


def answer(spark, lake):
    path = lake.scratch("prices")
    rmtree(path, ignore_errors=True)
    catalogue = lake.read("silver.products").select("product_id", F.col("list_price").alias("price"))
    catalogue.write.format("delta").save(path)
    changes = lake.read("silver.prices").where("is_current").select("product_id", "price")
    table = DeltaTable.forPath(spark, path)
    (
        table.alias("t")
        .merge(changes.alias("c"), "t.product_id = c.product_id")
        .whenMatchedUpdate(set={"price": "c.price"})
        .whenNotMatchedInsertAll()
        .execute()
    )
    return table.toDF()
