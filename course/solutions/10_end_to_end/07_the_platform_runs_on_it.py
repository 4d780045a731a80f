"""The table keeps the promise that the report relies on, so that the report need not know who made it."""

from pyspark.sql import functions as F

from emberlake.reports import run_report


class Instead:
    """A lake of which one table is yours: what the platform asks for by that name, it gets from you."""

    def __init__(self, lake, name, rows):
        self.lake, self.name, self.rows = lake, name, rows

    def read(self, name, *, as_of=None):
        """A table by `layer.name`."""
        return self.rows if name == self.name else self.lake.read(name)


def answer(spark, lake):
    orders = lake.read("silver.orders").where("status <> 'cancelled' and channel <> 'store'")
    sold = orders.groupBy(F.to_date("ordered_at").alias("day"), "country").agg(
        F.count("*").alias("orders"), F.sum("amount").cast("decimal(22,2)").alias("revenue")
    )
    returns = lake.read("silver.returns").join(orders.select("order_id", "country"), "order_id")
    refund = F.sum("refund").cast("decimal(22,2)").alias("refunds")
    refunded = returns.groupBy(F.to_date("returned_at").alias("day"), "country").agg(refund)
    path = lake.scratch("daily_sales")
    sold.join(refunded, ["day", "country"], "full").na.fill(0).write.format("delta").mode("overwrite").save(path)
    own = Instead(lake, "gold.daily_sales", spark.read.format("delta").load(path))
    return run_report(spark, own, "revenue_by_country")
