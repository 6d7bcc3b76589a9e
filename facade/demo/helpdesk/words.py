"""The words that seeded rows are made of, one profile for each account."""

from dataclasses import dataclass
from typing import TypeAlias

# SKU, name, category, cents, billing cycle, description.
CatalogueRow: TypeAlias = tuple[str, str, str, int, str, str]
# Tag and the subjects of tickets that carry it; {name} is a product or a person.
Topic: TypeAlias = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One account: who it is, what it sells, what its customers write about."""

    id: str
    name: str
    plan: str
    currency: str
    domain: str
    agents: tuple[tuple[str, str], ...]
    first_parts: tuple[str, ...]
    second_parts: tuple[str, ...]
    industries: tuple[str, ...]
    places: tuple[tuple[str, str, str], ...]
    catalogue: tuple[CatalogueRow, ...]
    topics: tuple[Topic, ...]
    customers: int
    tickets: int
    invoices: int
    subscriptions: int


# Companies that buy from both accounts: same names, other addresses, other business.
SHARED_NAMES = ("Oakridge Dental", "Lumen Fields", "Kestrel Logistics", "Nordlys Bakery")

FIRST_NAMES = (
    "Amara", "Bruno", "Carmen", "Dmitri", "Elif", "Farid", "Greta", "Hana", "Ines", "Jonas", "Kofi", "Leila",
    "Marek", "Nadia", "Oscar", "Priya", "Quentin", "Rosa", "Sven", "Tamsin", "Uma", "Viktor", "Wanda", "Yusuf",
    "Zoë", "Agnes", "Benedikt", "Chiara", "Declan", "Esther", "Fiona", "Gustav", "Helen", "Ivan", "Judith",
)  # fmt: skip
LAST_NAMES = (
    "Abbott", "Bianchi", "Castellano", "Dvorak", "Eriksen", "Fontaine", "Gallagher", "Hoffmann", "Ito", "Jansen",
    "Kowalski", "Lindqvist", "Moreau", "Novak", "Okafor", "Pereira", "Quinn", "Rahman", "Sandoval", "Tanaka",
    "Ulrich", "Vasquez", "Whitfield", "Yilmaz", "Zimmermann", "Ashworth", "Brandt", "Costa", "Delgado", "Fischer",
)  # fmt: skip
JOB_TITLES = (
    "Office Manager", "Head of Operations", "Accounts Payable", "IT Administrator", "Managing Director",
    "Purchasing Lead", "Customer Care Lead", "Bookkeeper", "Facilities Manager",
)  # fmt: skip
OPENINGS = (
    "Hello, this started on Monday and has not gone away.",
    "We noticed this while closing the month.",
    "Two of our colleagues see the same thing.",
    "It worked until last week; nothing changed on our side.",
    "Could you look into this before the end of the week?",
    "This is holding up our team, please advise.",
)
REPLIES = (
    "Thanks for the details, I am looking into it.",
    "I could reproduce this and passed it to the technical team.",
    "Could you send a screenshot and the time when it happened?",
    "A correction is on its way; please try again tomorrow.",
    "We tried again this morning and it works now, thank you.",
    "Any news on this? Our manager is asking.",
    "I have credited the difference to your account.",
    "Called the customer, left a message on voicemail.",
)
CANCEL_REASONS = ("Budget cut", "Moved to another supplier", "Project ended", "No longer needed")
NOTES = ("Purchase order required.", "Thank you for your business.", "Agreed with the branch manager by phone.")

BRIGHTWATER = Profile(
    id="acct_brightwater",
    name="Brightwater Software",
    plan="professional",
    currency="EUR",
    domain="brightwater.example",
    agents=(
        ("Maya Lindgren", "front_line"), ("Tom Ferreira", "front_line"), ("Aisha Karim", "technical"),
        ("Pavel Horak", "technical"), ("Sofia Rinaldi", "billing"), ("Liam Doyle", "front_line"),
        ("Noor Haddad", "technical"), ("Clara Weiss", "billing"),
    ),
    first_parts=(
        "Alder", "Birchwood", "Cobalt", "Dovetail", "Ember", "Foxglove", "Granite", "Hollow", "Indigo", "Juniper",
        "Larkspur", "Meridian", "Nimbus", "Orchard", "Pinnacle", "Quarry", "Redwing", "Silverlake", "Thistle", "Umbra",
    ),
    second_parts=("Clinics", "Media", "Travel", "Insurance", "Legal", "Academy", "Studios", "Realty", "Analytics"),
    industries=("Healthcare", "Media", "Travel", "Insurance", "Legal", "Education", "Real estate"),
    places=(
        ("DE", "Hamburg", "+49 40"), ("DE", "Leipzig", "+49 341"), ("FR", "Lyon", "+33 4"), ("NL", "Utrecht", "+31 30"),
        ("SE", "Malmö", "+46 40"), ("ES", "Valencia", "+34 96"), ("IE", "Cork", "+353 21"),
    ),
    catalogue=(
        ("BW-STARTER", "Starter plan", "plan", 2900, "monthly", "Up to five seats."),
        ("BW-TEAM", "Team plan", "plan", 8900, "monthly", "Up to twenty-five seats."),
        ("BW-BUSINESS", "Business plan", "plan", 24900, "monthly", "Unlimited seats and single sign-on."),
        ("BW-BUSINESS-Y", "Business plan, yearly", "plan", 268000, "yearly", "Unlimited seats, paid by the year."),
        ("BW-SSO", "Single sign-on", "add_on", 4900, "monthly", "SAML and OpenID Connect."),
        ("BW-AUDIT", "Audit trail", "add_on", 3900, "monthly", "Keeps changes for seven years."),
        ("BW-STORAGE", "Extra storage 100 GB", "add_on", 1500, "monthly", "Added to the plan's storage."),
        ("BW-SANDBOX", "Sandbox environment", "add_on", 9900, "monthly", "A copy to try changes in."),
        ("BW-ONBOARD", "Onboarding workshop", "service", 120000, "one_off", "Half a day for up to twelve people."),
        ("BW-MIGRATE", "Data migration", "service", 240000, "one_off", "From a spreadsheet or another system."),
        ("BW-CONSULT", "Consulting day", "service", 145000, "one_off", "One consultant, one day."),
        ("BW-LEGACY", "Classic plan", "plan", 1900, "monthly", "No longer sold."),
    ),
    topics=(
        ("login", ("Cannot sign in after password reset", "Single sign-on loops back to the login page",
                   "Please unlock the account of {person}", "Two-factor code is not accepted")),
        ("export", ("CSV export stops at 10,000 rows", "Exported report has wrong time zone",
                    "Export of {product} usage is empty")),
        ("billing", ("Invoice shows the wrong VAT number", "Charged twice for {product}",
                     "Please change our billing address", "Question about the price of {product}")),
        ("integration", ("Webhook deliveries fail with a timeout", "Calendar sync creates duplicates",
                         "API returns 502 at night")),
        ("feature-request", ("Dark mode for the dashboard", "Bulk edit for custom fields",
                             "Allow several approvers in a workflow")),
        ("performance", ("Dashboard takes a minute to load", "Search is slow since the last update")),
        ("onboarding", ("How do we invite external partners?", "Training material for new colleagues",
                        "Set up {person} as administrator")),
    ),
    customers=64, tickets=260, invoices=190, subscriptions=70,
)  # fmt: skip

HARBOR_PINE = Profile(
    id="acct_harborpine",
    name="Harbor & Pine Supplies",
    plan="basic",
    currency="USD",
    domain="harborpine.example",
    agents=(
        ("Dale Mercer", "front_line"), ("Renee Okoye", "front_line"), ("Stuart Blake", "technical"),
        ("Ingrid Solberg", "billing"), ("Marcus Tate", "technical"), ("Lucia Romero", "front_line"),
    ),
    first_parts=(
        "Anchor", "Bayside", "Cedar", "Driftwood", "Eastgate", "Fernhill", "Gull", "Highland", "Ironbridge", "Jetty",
        "Keystone", "Lighthouse", "Maple", "Northshore", "Oyster", "Pelican", "Riverside", "Sandstone", "Timber",
    ),
    second_parts=("Hotel", "Marina", "Brewing", "Joinery", "Catering", "Hardware", "Boatyard", "Schools", "Outfitters"),
    industries=("Hospitality", "Marine", "Food and drink", "Construction", "Retail", "Public sector"),
    places=(
        ("US", "Portland", "+1 207"), ("US", "Duluth", "+1 218"), ("US", "Savannah", "+1 912"),
        ("CA", "Halifax", "+1 902"), ("CA", "Victoria", "+1 250"), ("GB", "Falmouth", "+44 1326"),
    ),
    catalogue=(
        ("HP-SHELF-180", "Pine shelf 180 cm", "hardware", 14950, "one_off", "Solid pine, oiled."),
        ("HP-DESK-OAK", "Oak writing desk", "hardware", 68900, "one_off", "With two drawers."),
        ("HP-CHAIR-ERG", "Ergonomic chair", "hardware", 32900, "one_off", "Ten years of warranty."),
        ("HP-LAMP-DECK", "Deck lamp, brass", "hardware", 8990, "one_off", "Safe in rain and salt."),
        ("HP-CRATE", "Stacking crate", "hardware", 1890, "one_off", "Holds 45 litres."),
        ("HP-ROPE-50", "Mooring rope 50 m", "hardware", 7450, "one_off", "16 mm, floating."),
        ("HP-PAPER", "Paper delivery", "plan", 4500, "monthly", "Ten reams every month."),
        ("HP-COFFEE", "Coffee delivery", "plan", 6800, "monthly", "Five kilograms every month."),
        ("HP-CARE", "Furniture care plan", "plan", 39000, "yearly", "Two visits a year."),
        ("HP-ASSEMBLY", "Assembly on site", "service", 9500, "one_off", "For each piece of furniture."),
        ("HP-FAX", "Fax rolls", "hardware", 990, "one_off", "No longer sold."),
    ),
    topics=(
        ("delivery", ("{product} has not arrived", "Delivery came to the wrong dock", "Please deliver before nine",
                      "Half of the order is missing")),
        ("damaged", ("{product} arrived scratched", "Box was wet and torn", "Leg of the desk is cracked")),
        ("returns", ("Return of four chairs", "How do we send back {product}?", "Refund for returned crates")),
        ("billing", ("Invoice lists an item we did not order", "Please send a copy of our last invoice",
                     "Discount for {product} is missing")),
        ("warranty", ("Gas spring of the chair has failed", "Brass lamp shows rust after a month")),
        ("quote", ("Quote for thirty desks", "Price for {product} in quantities of fifty",
                   "Yearly contract for paper and coffee")),
        ("assembly", ("Date for assembly with {person}", "Screws are missing for the shelf")),
    ),
    customers=52, tickets=200, invoices=160, subscriptions=45,
)  # fmt: skip

PROFILES = (BRIGHTWATER, HARBOR_PINE)
