"""Order value, segments, churn, recommendations, forecast and odd orders: trained, tracked, compared, kept.

The doors: `recipes` (every model by name), `every.train_all` (the main job's step), `training.train`, `champion`
(the model that holds the title, and its scores in gold), `listing`, `promotion`, `drift`, `explain`, `exporting`, and
`scorer`. Nothing is imported here: who only scores needs neither Spark nor MLflow.
"""
