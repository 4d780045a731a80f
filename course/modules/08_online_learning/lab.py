# %% [markdown]
# # Lab 8: Drift that nobody watched
#
# ## What happened
#
# A model foretold what an order would come to, and the warehouse planned by it. It was good all year. In autumn
# the shop began to sell to companies, too, and their orders were larger. Nothing broke. No job failed, every
# dashboard was green, since they showed what they had always shown: events per second, lag, errors of the job. In
# December somebody asked why the warehouse was always short.

# %%
import statistics

from river.drift import ADWIN

from emberlake.school import desk

spark, lake = desk()
rows = lake.read("silver.orders").orderBy("ordered_at", "order_id").select("amount").collect()
begin = len(rows) * 2 // 3
amounts = [float(row.amount) * (2.5 if place >= begin else 1.0) for place, row in enumerate(rows)]
trained_on = amounts[: len(rows) // 3]


class Model:
    """Foretells the median of what it was trained on. It never doubts."""

    def __init__(self, told):
        self.usual = statistics.median(told)

    def predict(self):
        """What an order will come to."""
        return self.usual


model = Model(trained_on)
answered = [model.predict() for _ in amounts]
print(f"{len(answered):,} predictions, none failed: the job is green")

# %% [markdown]
# ## Find it
#
# What was shown is about the job. Whether a prediction was right is known when the order is through, and nobody
# brought the two together. Join them, and look at the error with its sign, block by block.

# %%
errors = [came - said for came, said in zip(amounts, answered, strict=True)]
size = len(errors) // 10
for block in range(10):
    part = errors[block * size : (block + 1) * size]
    print(f"block {block}: mean error {sum(part) / len(part):8.1f} EUR")
early, late = sum(errors[:begin]) / begin, sum(errors[begin:]) / (len(errors) - begin)
assert late > 2 * abs(early), "after the change the model is off, and always to the same side"

# %% [markdown]
# The mean over the whole year hides it: two thirds of a good year and a bad end make a moderate year. A window
# over the last events shows it. A median of such amounts is always a little low; a jump to one side that stays is
# no noise.
#
# ## Mend it
#
# Train on what the world is now. Not on everything: the old world would pull the model back.

# %%
retrained = Model(amounts[begin : begin + size])
rest = amounts[begin + size :]


def off(model):
    """Its mean absolute error over what came after."""
    return sum(abs(came - model.predict()) for came in rest) / len(rest)


everything = Model(amounts[: begin + size])
words = f"old {off(model):.1f}, trained on everything {off(everything):.1f}, on the new world {off(retrained):.1f}"
print(f"mean absolute error in EUR: {words}")

# %% [markdown]
# ## Prevent it
#
# Watch the errors where they come, and say beforehand what follows. ADWIN is told each error as soon as its order
# is through.


# %%
def watch(amounts, model):
    """A model whose errors are watched: at a drift it is trained anew on the next 200 events; and where that was."""
    detector, drifts, waiting = ADWIN(delta=0.002), [], None
    said = []
    for event, came in enumerate(amounts):
        said.append(model.predict())
        detector.update((came - said[-1]) / 100)
        if waiting is not None:
            waiting.append(came)
            if len(waiting) == 200:
                model, waiting, detector = Model(waiting), None, ADWIN(delta=0.002)
        elif detector.drift_detected:
            drifts.append(event)
            waiting = []
    return said, drifts


said, drifts = watch(amounts, model)
seen = next((event for event in drifts if event > begin), len(amounts))
print(f"the world changed at event {begin}, ADWIN saw it at {seen} (all that it saw: {drifts})")
watched = sum(abs(c - s) for c, s in zip(amounts[begin:], said[begin:], strict=True)) / (len(amounts) - begin)
unwatched = sum(abs(error) for error in errors[begin:]) / (len(errors) - begin)
print(f"mean error since then: unwatched {unwatched:.1f}, watched {watched:.1f} EUR")

# %% [markdown]
# - Bring predictions and outcomes together, always: a prediction that nobody compares is a guess.
# - Show errors over the last events, with their sign, beside those of a baseline.
# - A detector without an action is a lamp that nobody sees. Write down who does what when it is lit.

# %%
assert seen - begin < (len(amounts) - begin) / 2, "it was seen long before the end"
assert off(retrained) < off(everything) < off(model), "the new world's model is the best for the new world"
assert watched < unwatched, "who watches is less wrong"
