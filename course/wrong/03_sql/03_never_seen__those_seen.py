"""These are the users who were seen: LEFT SEMI keeps the rows with a match, LEFT ANTI those without."""


def answer(spark, lake):
    users, events = lake.read("silver.users"), lake.read("silver.events")
    return users.join(events, "user_id", "left_semi").select("user_id", "country")
