"""The eight tables of TPC-H (TPC Benchmark H specification, section 1.4), as the workshop reads them."""

from __future__ import annotations

from emberlake.tables.definition import Column as C
from emberlake.tables.definition import Table
from emberlake.tables.definition import need as N

_PRICE = "decimal(15,2)"


def _tpch(name: str, meaning: str, key: str, prefix: str, *columns: C) -> Table:
    return Table(
        f"tpch_{name}",
        "source",
        f"TPC-H: {meaning}",
        (*columns, C(f"{prefix}_comment", "string", "Free text.")),
        tuple(key.split()),
        owner="course",
    )


TPCH = (
    _tpch(
        "region",
        "regions of the world.",
        "r_regionkey",
        "r",
        N("r_regionkey", "long", "Region."),
        C("r_name", "string", "Its name."),
    ),
    _tpch(
        "nation",
        "nations.",
        "n_nationkey",
        "n",
        N("n_nationkey", "long", "Nation."),
        C("n_name", "string", "Its name."),
        C("n_regionkey", "long", "Its region."),
    ),
    _tpch(
        "customer",
        "customers.",
        "c_custkey",
        "c",
        N("c_custkey", "long", "Customer."),
        C("c_name", "string", "Name."),
        C("c_address", "string", "Address."),
        C("c_nationkey", "long", "Nation."),
        C("c_phone", "string", "Telephone."),
        C("c_acctbal", _PRICE, "Balance of the account.", "USD"),
        C("c_mktsegment", "string", "Market segment."),
    ),
    _tpch(
        "orders",
        "orders.",
        "o_orderkey",
        "o",
        N("o_orderkey", "long", "Order."),
        N("o_custkey", "long", "Customer who ordered (c_custkey)."),
        C("o_orderstatus", "string", "F finished, O open, P partly."),
        C("o_totalprice", _PRICE, "Total with tax and discount.", "USD"),
        C("o_orderdate", "date", "Day of the order."),
        C("o_orderpriority", "string", "1-URGENT to 5-LOW."),
        C("o_clerk", "string", "Clerk."),
        C("o_shippriority", "int", "Priority of shipping."),
    ),
    _tpch(
        "lineitem",
        "lines of orders.",
        "l_orderkey l_linenumber",
        "l",
        N("l_orderkey", "long", "Order."),
        C("l_partkey", "long", "Part."),
        C("l_suppkey", "long", "Supplier."),
        N("l_linenumber", "int", "Position in the order."),
        C("l_quantity", _PRICE, "Quantity.", "pieces"),
        C("l_extendedprice", _PRICE, "Quantity times price.", "USD"),
        C("l_discount", _PRICE, "Share taken off."),
        C("l_tax", _PRICE, "Share of tax."),
        C("l_returnflag", "string", "R returned, A accepted, N not yet known."),
        C("l_linestatus", "string", "O open, F finished."),
        C("l_shipdate", "date", "Shipped."),
        C("l_commitdate", "date", "Promised."),
        C("l_receiptdate", "date", "Received."),
        C("l_shipinstruct", "string", "How to hand it over."),
        C("l_shipmode", "string", "By which means."),
    ),
    _tpch(
        "part",
        "parts.",
        "p_partkey",
        "p",
        N("p_partkey", "long", "Part."),
        C("p_name", "string", "Name."),
        C("p_mfgr", "string", "Manufacturer."),
        C("p_brand", "string", "Brand."),
        C("p_type", "string", "Type."),
        C("p_size", "int", "Size."),
        C("p_container", "string", "Container."),
        C("p_retailprice", _PRICE, "Price.", "USD"),
    ),
    _tpch(
        "supplier",
        "suppliers.",
        "s_suppkey",
        "s",
        N("s_suppkey", "long", "Supplier."),
        C("s_name", "string", "Name."),
        C("s_address", "string", "Address."),
        C("s_nationkey", "long", "Nation."),
        C("s_phone", "string", "Telephone."),
        C("s_acctbal", _PRICE, "Balance of the account.", "USD"),
    ),
    _tpch(
        "partsupp",
        "which supplier has which part.",
        "ps_partkey ps_suppkey",
        "ps",
        N("ps_partkey", "long", "Part."),
        N("ps_suppkey", "long", "Supplier."),
        C("ps_availqty", "int", "Pieces available.", "pieces"),
        C("ps_supplycost", _PRICE, "Cost.", "USD"),
    ),
)
