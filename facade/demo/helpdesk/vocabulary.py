"""The words this application uses for states and kinds, as its users know them."""

CUSTOMER_STATUS = ("active", "trial", "dormant", "closed")
TICKET_STATUS = ("new", "working", "on_hold", "done")
TICKET_PRIORITY = ("low", "normal", "high", "urgent")
TICKET_CHANNEL = ("email", "phone", "web", "chat")
AGENT_TEAM = ("front_line", "technical", "billing")
INVOICE_STATUS = ("draft", "issued", "late", "settled", "void")
PAYMENT_METHOD = ("bank_transfer", "card", "direct_debit", "cheque")
PRODUCT_CATEGORY = ("plan", "add_on", "service", "hardware")
BILLING_CYCLE = ("one_off", "monthly", "yearly")
SUBSCRIPTION_STATUS = ("active", "paused", "cancelled")
CURRENCY = ("EUR", "USD", "GBP")
