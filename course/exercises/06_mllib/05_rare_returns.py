# %% [markdown]
# # 6.5 Rare returns
#
# Of a hundred orders a handful come back. A model that always says "stays" is right for nearly all of them, and finds
# none. Accuracy hides that. The area under the ROC curve does not: it asks how often an order that came back got a
# higher score than one that stayed; 0.5 is a coin. It needs scores (`rawPrediction`), not the 0 or 1 made of them.
#
# An order of the last weeks may still come back. In real use such rows are left out, because their label is not final;
# here they count as they stand.
#
# **Goal.** The label is 1 where the `status` in `gold.order_features` is `returned`, else 0. Train
# `LogisticRegression` (its defaults) on orders before 1 October 2025 with the features `amount`, `units` (null is 0)
# and `discount`, as doubles. Return a dictionary over the orders from then on: `never` (the accuracy of saying 0
# always), `accuracy` (that of the model) and `auc` (the area under its ROC curve).

# %%
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.evaluation import BinaryClassificationEvaluator, MulticlassClassificationEvaluator
from pyspark.ml.feature import VectorAssembler
from pyspark.sql import functions as F

FEATURES = ["amount", "units", "discount"]


def answer(spark, lake):
    orders = (
        lake.read("gold.order_features")
        .selectExpr(
            "ordered_at", "double(status = 'returned') AS label", *[f"CAST({name} AS double)" for name in FEATURES]
        )
        .cache()
    )
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
print(answer(spark, lake))

# %%
check("6.5", answer)
