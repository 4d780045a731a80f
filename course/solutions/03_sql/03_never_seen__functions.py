"""The same kind of join by its name."""


def answer(spark, lake):
    users, events = lake.read("silver.users"), lake.read("silver.events")
    return users.join(events, "user_id", "left_anti").select("user_id", "country")
