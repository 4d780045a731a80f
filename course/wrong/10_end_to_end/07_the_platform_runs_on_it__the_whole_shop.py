"""These are the figures of the whole shop, stores among them: either the table has their orders, or the report was
asked of the platform's own. Leave out orders whose channel is `store`, and hand `Instead(...)` to the report."""

from emberlake.reports import run_report


class Instead:
    """A lake of which one table is yours: what the platform asks for by that name, it gets from you."""

    def __init__(self, lake, name, rows):
        self.lake, self.name, self.rows = lake, name, rows

    def read(self, name, *, as_of=None):
        """A table by `layer.name`."""
        return self.rows if name == self.name else self.lake.read(name)


def answer(spark, lake):
    return run_report(spark, lake, "revenue_by_country")
