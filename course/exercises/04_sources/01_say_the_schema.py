# %% [markdown]
# # 4.1 Say the schema
#
# A CSV file has no types: it is text between commas, perhaps with names in its first line. Spark can guess
# (`inferSchema=True`): it reads the file once more for it, and its guess changes with the data. A price is guessed as
# a `double`, a postcode loses its leading zero, a column that is empty today is a text. A schema that is said costs
# nothing, and is the same tomorrow. What does not fit it becomes null, and can be counted (4.2 keeps its text).
#
# Parquet and Delta carry their schema with them, which is one reason to leave CSV behind at the door.
#
# **Goal.** Write `product_id`, `name`, `list_price` and `launched_at` of `silver.products` as CSV with a header to
# `lake.scratch("products")`, and return what you read from there, with the same columns and the very same types:
# `bigint`, `string`, `decimal(12,2)`, `timestamp`.

# %%
from pyspark.sql import functions as F


def answer(spark, lake):
    products = lake.read("silver.products").select("product_id", "name", "list_price", "launched_at")
    path = lake.scratch("products")
    products.write.mode("overwrite").csv(path, header=True)
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk, explain_plan

spark, lake = desk()
answer(spark, lake).show()
explain_plan(answer(spark, lake), run=True)

# %%
check("4.1", answer)
