"""The shop's sources: what its systems export."""

from __future__ import annotations

from emberlake.tables.definition import Column as C
from emberlake.tables.definition import Table
from emberlake.tables.definition import need as N

MONEY = "decimal(12,2)"
_USER = "Who: the user's number in the shop."
_PRODUCT = "Which product: its number in the catalogue."
_ORDER = "Which order: its number in the shop."
_KEY = "The identifier as the source writes it, where that is not a number; else null."


def _source(name: str, owner: str, meaning: str, key: str, *columns: C, version: str | None = None, history: bool = False) -> Table:
    return Table(name, "source", meaning, columns, tuple(key.split()), version, history, owner)


SHOP = (
    _source(
        "users", "customer care", "People who signed up.", "user_id",
        N("user_id", "long", _USER),
        C("name", "string", "Given and family name."),
        C("email", "string", "Address for mail; personal data."),
        C("birth_year", "int", "Year of birth.", "year"),
        C("gender", "string", "As given by the user: f, m or x."),
        C("country", "string", "Country of residence at sign-up, ISO 3166 alpha-2."),
        C("city", "string", "City of residence at sign-up."),
        C("channel", "string", "How the user found the shop: search, social, mail, friend, ad."),
        C("loyalty", "string", "Tier of the loyalty programme: none, silver, gold."),
        C("signed_up_at", "timestamp", "When the account was opened.", "UTC"),
        C("updated_at", "timestamp", "When this state of the row was written; the highest wins.", "UTC"),
        C("source_key", "string", _KEY),
        version="updated_at",
    ),
    _source(
        "addresses", "customer care", "Each change of a user's postal address.", "user_id changed_at",
        N("user_id", "long", _USER),
        C("street", "string", "Street and number; personal data."),
        C("city", "string", "City."),
        C("postcode", "string", "Postal code, as written in that country."),
        C("country", "string", "Country, ISO 3166 alpha-2."),
        N("changed_at", "timestamp", "From when the address holds.", "UTC"),
        history=True,
    ),
    _source(
        "products", "purchasing", "The catalogue.", "product_id",
        N("product_id", "long", _PRODUCT),
        C("name", "string", "Name in the shop."),
        C("category", "string", "One of the shop's categories."),
        C("supplier", "string", "Who delivers it."),
        C("list_price", MONEY, "Price at launch.", "EUR"),
        C("cost", MONEY, "Purchase cost a piece.", "EUR"),
        C("opening_stock", "int", "Pieces on hand at launch, before any movement.", "pieces"),
        C("launched_at", "timestamp", "When it went on sale.", "UTC"),
        C("updated_at", "timestamp", "When this state of the row was written; the highest wins.", "UTC"),
        C("source_key", "string", _KEY),
        version="updated_at",
    ),
    _source(
        "prices", "purchasing", "Each change of a product's price.", "product_id changed_at",
        N("product_id", "long", _PRODUCT),
        N("price", MONEY, "The price from then on.", "EUR"),
        N("changed_at", "timestamp", "From when the price holds.", "UTC"),
        history=True,
    ),
    _source(
        "orders", "sales", "Orders at check-out, and each later change of their status.", "order_id",
        N("order_id", "long", _ORDER),
        N("user_id", "long", _USER),
        N("ordered_at", "timestamp", "When the customer placed it.", "UTC"),
        C("received_at", "timestamp", "When the export got this state of it; the highest wins.", "UTC"),
        C("status", "string", "paid, shipped, delivered, cancelled or returned."),
        C("channel", "string", "Where it was placed: web, app, store."),
        C("country", "string", "Country it goes to, ISO 3166 alpha-2."),
        C("currency", "string", "Currency that the amounts are in, ISO 4217."),
        C("items_amount", MONEY, "Sum of its lines before the order's discount.", "EUR"),
        C("discount", MONEY, "Taken off the order.", "EUR"),
        C("shipping", MONEY, "Charged for delivery.", "EUR"),
        N("amount", MONEY, "What the customer pays: items_amount - discount + shipping.", "EUR"),
        C("coupon", "string", "Code that gave the discount; null without one."),
        C("source_key", "string", _KEY),
        version="received_at",
    ),
    _source(
        "order_items", "sales", "The lines of orders.", "order_id line",
        N("order_id", "long", _ORDER),
        N("line", "int", "Position in the order, from 1."),
        N("product_id", "long", _PRODUCT),
        N("quantity", "int", "Pieces ordered.", "pieces"),
        N("unit_price", MONEY, "Price a piece when ordered.", "EUR"),
        C("discount", MONEY, "Taken off this line.", "EUR"),
    ),
    _source(
        "payments", "finance", "Attempts to pay orders.", "payment_id",
        N("payment_id", "long", "Which payment."),
        N("order_id", "long", _ORDER),
        C("method", "string", "card, paypal, invoice, transfer."),
        C("status", "string", "captured, failed or refunded."),
        N("amount", MONEY, "Amount of the attempt.", "EUR"),
        C("paid_at", "timestamp", "When it was tried.", "UTC"),
    ),
    _source(
        "returns", "logistics", "Goods sent back.", "return_id",
        N("return_id", "long", "Which return."),
        N("order_id", "long", _ORDER),
        C("line", "int", "Line of the order that came back."),
        N("product_id", "long", _PRODUCT),
        N("quantity", "int", "Pieces sent back.", "pieces"),
        C("reason", "string", "size, damaged, late, other, unwanted."),
        C("refund", MONEY, "Paid back to the customer.", "EUR"),
        C("returned_at", "timestamp", "When the goods arrived back.", "UTC"),
    ),
    _source(
        "inventory", "logistics", "Movements of stock other than sales and returns.", "movement_id",
        N("movement_id", "long", "Which movement."),
        N("product_id", "long", _PRODUCT),
        N("moved_at", "timestamp", "When it was booked.", "UTC"),
        C("kind", "string", "receipt, adjustment or write_off."),
        N("quantity", "int", "Pieces in (positive) or out (negative).", "pieces"),
        C("warehouse", "string", "Where."),
    ),
    _source(
        "events", "web", "The clickstream of site and app.", "event_id",
        N("event_id", "long", "Which event."),
        N("session_id", "long", "Which visit."),
        C("user_id", "long", "Who, once signed in; null for an anonymous visitor."),
        N("event", "string", "session_start, page_view, search, add_to_cart, checkout or purchase."),
        N("occurred_at", "timestamp", "When, by the server's clock.", "UTC"),
        C("device", "string", "mobile, desktop or tablet."),
        C("product_id", "long", "Product looked at or put in the cart; null elsewhere."),
        C("query", "string", "What was searched for; null elsewhere."),
        C("order_id", "long", "Order that a purchase made; null elsewhere."),
    ),
    _source(
        "follows", "community", "Who follows whom.", "follower_id followee_id",
        N("follower_id", "long", "The user who follows."),
        N("followee_id", "long", "The user who is followed."),
        C("followed_at", "timestamp", "Since when.", "UTC"),
    ),
    _source(
        "ratings", "community", "Stars that users gave to products.", "user_id product_id",
        N("user_id", "long", _USER),
        N("product_id", "long", _PRODUCT),
        N("rating", "int", "1 (bad) to 5 (good).", "stars"),
        C("rated_at", "timestamp", "When; the latest counts.", "UTC"),
        version="rated_at",
    ),
)
