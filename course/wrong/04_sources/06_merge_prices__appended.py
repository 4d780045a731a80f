"""Every product is there twice: an append adds rows and looks at no key. Update what matches: MERGE."""

from shutil import rmtree

from pyspark.sql import functions as F


def answer(spark, lake):
    path = lake.scratch("prices")
    rmtree(path, ignore_errors=True)
    catalogue = lake.read("silver.products").select("product_id", F.col("list_price").alias("price"))
    catalogue.write.format("delta").save(path)
    changes = lake.read("silver.prices").where("is_current").select("product_id", "price")
    changes.write.format("delta").mode("append").save(path)
    return spark.read.format("delta").load(path)
