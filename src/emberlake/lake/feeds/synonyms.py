"""Other names that columns go by in shops' exports, so that a simple file needs no mapping."""

from __future__ import annotations

import re
import unicodedata

from emberlake.lake.feeds.schema import table_of

# Contract column → names seen in exports, best first; compared without case, blanks and marks.
_ID = {
    "user_id": "customer_id customerid customer_no customer_number customer client_id client kunde kunden_nr "
               "kundennummer kundennr cust_id cust buyer_id buyer user userid id_client visitor_id visitorid "
               "account_id uid",
    "order_id": "order_no order_number order_nr order invoice_no invoice invoice_id invoiceno bestellnummer bestellung "
                "transaction_id transaction transactionid orderid order_ref order_reference receipt receipt_no",
    "product_id": "stock_code stockcode sku item_id itemid product_code product article artikel artikelnummer "
                  "article_id productid item asin",
}  # fmt: skip
_WHEN = "timestamp date datetime time created_at created event_time ts zeitpunkt datum"
SYNONYMS: dict[str, dict[str, str]] = {
    "orders": {
        "order_id": _ID["order_id"] + " id",
        "user_id": _ID["user_id"],
        "ordered_at": "order_date orderdate invoice_date invoicedate purchase_date bestelldatum order_time "
                      "order_purchase_timestamp ordered transaction_date purchased_at " + _WHEN,
        "received_at": "received updated_at modified_at exported_at",
        "status": "order_status state financial_status",
        "channel": "sales_channel source_channel",
        "country": "country_code shipping_country ship_country land",
        "currency": "currency_code waehrung",
        "amount": "total order_total total_amount total_price grand_total sales value price spend revenue betrag summe "
                  "gesamt monetary order_value amt dollar_value dollars sales_amount",
        "items_amount": "subtotal sub_total items_total",
        "discount": "discount_amount total_discounts rabatt",
        "shipping": "shipping_amount shipping_cost freight versand",
        "coupon": "coupon_code discount_code voucher",
    },
    "order_items": {
        "order_id": _ID["order_id"],
        "line": "line_no line_number order_item_id position pos linenumber",
        "product_id": _ID["product_id"],
        "quantity": "qty amount_items menge units pieces count",
        "unit_price": "price unitprice item_price preis stueckpreis price_each",
        "discount": "discount_amount line_discount rabatt",
    },
    "order_lines": {
        "order_id": _ID["order_id"],
        "user_id": _ID["user_id"],
        "ordered_at": "order_date orderdate invoice_date invoicedate purchase_date bestelldatum order_time "
                      "transaction_date purchased_at " + _WHEN,
        "product_id": _ID["product_id"],
        "product": "description product_name title item_name bezeichnung",
        "category": "product_category category_name kategorie department",
        "quantity": "qty menge units pieces count",
        "unit_price": "price unitprice item_price preis stueckpreis price_each",
        "discount": "discount_amount line_discount rabatt",
        "status": "order_status",
        "channel": "sales_channel",
        "country": "country_code land",
        "currency": "currency_code waehrung",
    },
    "users": {
        "user_id": _ID["user_id"] + " id",
        "name": "full_name customer_name display_name",
        "email": "mail email_address e_mail",
        "birth_year": "year_of_birth",
        "gender": "sex",
        "country": "country_code land",
        "city": "town ort stadt",
        "referred_by": "referrer referrer_id referred_by_id invited_by inviter inviter_id geworben_von",
        "signed_up_at": "created_at registered_at registration_date signup_date joined_at joined",
        "updated_at": "modified_at last_modified",
    },
    "products": {
        "product_id": _ID["product_id"] + " id",
        "name": "product_name title description bezeichnung",
        "category": "product_category category_name kategorie department",
        "supplier": "vendor brand manufacturer lieferant",
        "list_price": "price unit_price unitprice preis",
        "cost": "unit_cost purchase_price",
        "opening_stock": "stock inventory",
        "launched_at": "created_at",
        "updated_at": "modified_at last_modified",
    },
    "events": {
        "event_id": "id",
        "session_id": "session sessionid visit_id visitid user_session",
        "user_id": _ID["user_id"],
        "event": "event_type event_name action type",
        "occurred_at": "event_time event_timestamp " + _WHEN,
        "device": "device_type platform",
        "product_id": _ID["product_id"],
        "query": "search_query search_term",
        "order_id": _ID["order_id"],
    },
    "payments": {
        "payment_id": "id paymentid", "order_id": _ID["order_id"], "method": "payment_type payment_method type",
        "status": "payment_status", "amount": "payment_value value total", "paid_at": "payment_date " + _WHEN,
    },
    "ratings": {
        "user_id": _ID["user_id"], "product_id": _ID["product_id"], "rating": "stars score review_score",
        "rated_at": "review_date " + _WHEN,
    },
}  # fmt: skip


def plain(name: str) -> str:
    """A name without case, accents, blanks and marks: `Customer ID`, `customer_id` and `CustomerId` are one."""
    bare = unicodedata.normalize("NFKD", name).casefold()
    return re.sub(r"[\W_]+", "", "".join(char for char in bare if not unicodedata.combining(char)))


def guess_mapping(columns: list[str], source: str) -> dict[str, str]:
    """Contract column → the file's column, by the contract's own names first, then by known other names.

    Each of the file's columns is taken at most once.
    """
    by_plain: dict[str, str] = {}
    for column in columns:
        by_plain.setdefault(plain(column), column)
    found: dict[str, str] = {}
    known = SYNONYMS.get(source, {})
    own = {name: [name] for name in table_of(source).names}
    others = {name: known.get(name, "").split() for name in own}
    for wanted in (own, others):
        for name, candidates in wanted.items():
            for candidate in candidates:
                match = by_plain.get(plain(candidate))
                if match is not None and name not in found and match not in found.values():
                    found[name] = match
    return found
