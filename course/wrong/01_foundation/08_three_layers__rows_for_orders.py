"""`orders` equals `rows` everywhere: `count` counts rows, and bronze has several of one order. Look at
`countDistinct`."""

from pyspark.sql import functions as F


def answer(spark, lake):
    def counted(layer):
        table = lake.read(f"{layer}.orders")
        return table.agg(F.count("*").alias("rows"), F.count("*").alias("orders")).select(
            F.lit(layer).alias("layer"), "rows", "orders"
        )

    return counted("bronze").unionByName(counted("quarantine")).unionByName(counted("silver"))
