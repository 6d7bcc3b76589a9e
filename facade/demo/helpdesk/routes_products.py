"""Products and subscriptions to them."""

from calendar import monthrange
from datetime import date

from facade.demo.helpdesk import forms
from facade.demo.helpdesk.errors import conflict
from facade.demo.helpdesk.forms import Field, Form
from facade.demo.helpdesk.listing import (
    Filter,
    Order,
    cents_of,
    day_of,
    flag_of,
    listed,
    text_of,
    words_of,
)
from facade.demo.helpdesk.records import Answer, Ask, Route, reading
from facade.demo.helpdesk.resources import CUSTOMER, PRODUCT, SUBSCRIPTION, find, given, refer
from facade.demo.helpdesk.vocabulary import BILLING_CYCLE, PRODUCT_CATEGORY, SUBSCRIPTION_STATUS

WHOLE_PRODUCT = Form(
    fields={
        "name": Field(read=forms.text(120), required=True),
        "category": Field(read=forms.choice(PRODUCT_CATEGORY), required=True),
        "unit_price": Field(read=forms.amount(), required=True),
        "billing_cycle": Field(read=forms.choice(BILLING_CYCLE), required=True),
        "active": Field(read=forms.flag, required=True),
        "description": Field(read=forms.text(2000), nullable=True),
    }
)
NEW_SUBSCRIPTION = Form(
    fields={
        "customer": Field(read=forms.text(20), required=True),
        "product_sku": Field(read=forms.text(40), required=True),
        "quantity": Field(read=forms.whole(1, 10_000)),
        "started_on": Field(read=forms.day),
    }
)
CANCELLATION = Form(
    fields={
        "reason": Field(read=forms.text(500)),
        "cancelled_on": Field(read=forms.day),
    }
)
PRODUCT_FILTERS = (
    Filter(name="q", condition="instr(lower(name || ' ' || sku), lower(?)) > 0", read=text_of),
    Filter(name="category", condition="category = ?", read=words_of(PRODUCT_CATEGORY)),
    Filter(name="active", condition="active = ?", read=flag_of),
    Filter(name="min_price", condition="unit_price >= ?", read=cents_of),
    Filter(name="max_price", condition="unit_price <= ?", read=cents_of),
)
PRODUCT_ORDER = Order(name="sort", words={"name": "name COLLATE NOCASE", "unit_price": "unit_price"})
SUBSCRIPTION_FILTERS = (
    Filter(name="customer", condition="customer = ?", read=text_of),
    Filter(name="product_sku", condition="product_sku = ?", read=text_of),
    Filter(name="status", condition="status = ?", read=words_of(SUBSCRIPTION_STATUS)),
    Filter(name="renews_before", condition="renews_on < ?", read=day_of),
)
SUBSCRIPTION_ORDER = Order(
    name="sort",
    words={
        "started_on": "started_on",
        "renews_on": "renews_on",
        "price_per_cycle": "price_per_cycle",
    },
)
MONTHS = {"monthly": 1, "yearly": 12}


def later(day: date, months: int) -> date:
    """The same day some months later, or the last day of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def renewal(started: date, cycle: str, today: date) -> date | None:
    """The first renewal after today; none for what is paid once."""
    step = MONTHS.get(cycle)
    if step is None:
        return None
    passed = (today.year - started.year) * 12 + today.month - started.month
    count = max(passed // step, 0)
    while later(started, count * step) <= max(today, started):
        count += 1
    return later(started, count * step)


def list_products(ask: Ask) -> Answer:
    """List products."""
    return listed(ask, PRODUCT, PRODUCT_FILTERS, PRODUCT_ORDER)


def get_product(ask: Ask) -> Answer:
    """Show one product."""
    return Answer(body=find(ask, PRODUCT, ask.path["sku"]).shown)


def replace_product(ask: Ask) -> Answer:
    """Replace everything but the SKU; what is left out is emptied."""
    found = find(ask, PRODUCT, ask.path["sku"])
    changes = {"description": None} | given(ask.fields, *WHOLE_PRODUCT.fields)
    ask.store.update("products", found.row, changes)
    return get_product(ask)


def list_subscriptions(ask: Ask) -> Answer:
    """List subscriptions."""
    return listed(ask, SUBSCRIPTION, SUBSCRIPTION_FILTERS, SUBSCRIPTION_ORDER)


def get_subscription(ask: Ask) -> Answer:
    """Show one subscription."""
    return Answer(body=find(ask, SUBSCRIPTION, ask.path["subscription_id"]).shown)


def create_subscription(ask: Ask) -> Answer:
    """Subscribe a customer to a product that is still sold."""
    customer = refer(ask, CUSTOMER, "customer", str(ask.fields["customer"]))
    product = refer(ask, PRODUCT, "product_sku", str(ask.fields["product_sku"]))
    shown = find(ask, PRODUCT, str(ask.fields["product_sku"])).shown
    if not shown["active"]:
        raise conflict("not_sold", "This product is no longer sold.")
    started = date.fromisoformat(str(ask.fields.get("started_on", ask.today.isoformat())))
    renews = renewal(started, str(shown["billing_cycle"]), ask.today)
    row = ask.store.insert(
        "subscriptions",
        {
            "account": ask.account,
            "customer": customer,
            "product": product,
            "quantity": 1,
            **given(ask.fields, "quantity"),
            "status": "active",
            "started_on": started.isoformat(),
            "renews_on": renews.isoformat() if renews else None,
        },
    )
    return Answer(status=201, body=find(ask, SUBSCRIPTION, str(row)).shown)


def cancel_subscription(ask: Ask) -> Answer:
    """Cancel a subscription, today unless said otherwise."""
    found = find(ask, SUBSCRIPTION, ask.path["subscription_id"])
    if found.shown["status"] == "cancelled":
        raise conflict("already_cancelled", "This subscription is cancelled already.")
    changes = {"cancelled_on": ask.today.isoformat()} | given(ask.fields, "cancelled_on")
    changes["cancel_reason"] = given(ask.fields, "reason").get("reason")
    changes |= {"status": "cancelled", "renews_on": None}
    ask.store.update("subscriptions", found.row, changes)
    return get_subscription(ask)


ROUTES = (
    reading("/products", list_products),
    reading("/products/{sku}", get_product),
    Route(method="PUT", path="/products/{sku}", handler=replace_product, form=WHOLE_PRODUCT),
    reading("/subscriptions", list_subscriptions),
    Route(method="POST", path="/subscriptions", handler=create_subscription, form=NEW_SUBSCRIPTION),
    reading("/subscriptions/{subscription_id}", get_subscription),
    Route(
        method="POST",
        path="/subscriptions/{subscription_id}/cancel",
        handler=cancel_subscription,
        form=CANCELLATION,
    ),
)
