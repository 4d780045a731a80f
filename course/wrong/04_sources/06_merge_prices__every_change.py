"""Several changes match one product, and Delta does not guess which one should win. Bring them to one row a product
before the merge: the one that holds now.

fails: error MULTIPLE_SOURCE_ROW
"""

from shutil import rmtree

from delta.tables import DeltaTable
from pyspark.sql import functions as F


def answer(spark, lake):
    path = lake.scratch("prices")
    rmtree(path, ignore_errors=True)
    catalogue = lake.read("silver.products").select("product_id", F.col("list_price").alias("price"))
    catalogue.write.format("delta").save(path)
    changes = lake.read("silver.prices").select("product_id", "price")
    table = DeltaTable.forPath(spark, path)
    (
        table.alias("t")
        .merge(changes.alias("c"), "t.product_id = c.product_id")
        .whenMatchedUpdate(set={"price": "c.price"})
        .whenNotMatchedInsertAll()
        .execute()
    )
    return table.toDF()
