"""English. General words of requests and of business software; nothing here comes from one description."""

from facade.plan.lexicon.records import Action, Lexicon, Trait, words

_READS = (Action.GET, Action.LIST)
_VERBS: dict[tuple[Action, ...], str] = {
    (Action.LIST, Action.GET): "list enumerate browse",
    (Action.GET, Action.LIST): "get show give tell fetch retrieve view see read display return look provide describe "
    "access obtain inspect open know pull export download check what which who whose when where",
    (Action.SEARCH, Action.LIST, Action.GET): "find search lookup query filter discover locate explore recommend",
    (Action.COUNT, Action.LIST, Action.GET): "count",
    (Action.COMPUTE, Action.GET): "calculate compute convert estimate evaluate predict solve determine compare analyze "
    "analyse verify validate translate generate simulate measure derive",
    (Action.CREATE, Action.UPDATE): "add attach append insert upload put log record",
    (Action.CREATE,): "create make new raise file submit post open register book reserve order buy purchase schedule "
    "start begin draft enroll enrol issue import duplicate copy clone establish request apply place launch plan rent "
    "subscribe publish hire invite sign",
    (Action.UPDATE,): "update change set rename move mark edit modify adjust correct replace assign reassign transfer "
    "enable disable activate deactivate pause resume extend renew reschedule approve reject close "
    "reopen increase decrease amend alter switch turn patch revise lock unlock restore archive "
    "complete finish upgrade downgrade accept confirm decline deny grant withhold",
    (Action.DELETE, Action.UPDATE): "delete remove cancel drop clear erase revoke detach unassign discard destroy "
    "terminate unsubscribe unlink withdraw wipe purge void",
    (Action.SEND, Action.CREATE): "send email mail notify message forward reply remind share deliver transmit text",
    (Action.CREATE, Action.SEND): "pay refund charge",
}
_TRAITS: dict[Trait, str] = {
    Trait.LIMIT: "limit|per page|page size|max results|pagesize|perpage|max items|num results|top k|result count",
    Trait.PAGE: "page|page number|page num",
    Trait.CURSOR: "offset|cursor|page token|continuation|after id|next token",
    Trait.SORT: "sort|sort by|order by|sort field|orderby|sortby|ordering",
    Trait.DIRECTION: "direction|sort order|sort direction|order direction|sort dir",
    Trait.START: "start|from date|since|begin|min|after|check in|pickup date|lower|departure date|gte"
    "|time min|begin date",
    Trait.END: "end|to date|until|max|before|check out|dropoff date|upper|return date|lte|due|deadline|time max|expiry",
    Trait.ORIGIN: "from|origin|source|departure|sender|base",
    Trait.TARGET: "to|destination|target|arrival|recipient|receiver",
    Trait.PLACE: "city|location|place|country|address|region|state|area|where|venue|town|street|airport|district",
    Trait.PERSON: "person|author|artist|customer|contact|owner|assignee|employee|director|actor|cast|member|user|player"
    "|participant|guest|by|creator|agent|sender|recipient|attendee|manager",
    Trait.TITLE: "name|title|label|subject|album|track|movie",
    Trait.MESSAGE: "message|text|body|note|notes|comment|content|description|reason|details|remark|feedback|html|memo"
    "|instructions|caption|subject|summary|answer|reply",
    Trait.QUERY: "query|q|keyword|keywords|search|term|phrase|text",
    Trait.IDENTITY: "id|gid|uuid|code|key|number|ref|reference|slug|iban|sku|token|identifier|uid|guid|no|isbn|handle",
    Trait.METHOD: "method|mode|channel|means|payment type|payment method",
    Trait.KIND: "type|kind|category|genre|style|class|color|colour|cuisine|variant|brand|format|level|size|model",
    Trait.YEAR: "year",
    Trait.DURATION: "duration|length|timeout|ttl|interval|period|delay|age|minutes|hours|days|nights|weeks",
    Trait.MONEY: "amount|price|cost|budget|total|fee|salary|balance|revenue|rate",
}
_ROLES: dict[str, tuple[Trait, ...]] = {
    "in": (Trait.PLACE,),
    "at": (Trait.PLACE,),
    "near": (Trait.PLACE,),
    "around": (Trait.PLACE,),
    "from": (Trait.ORIGIN, Trait.START, Trait.PLACE),
    "since": (Trait.START,),
    "after": (Trait.START,),
    "starting": (Trait.START,),
    "starting from": (Trait.START,),
    "beginning": (Trait.START,),
    "to": (Trait.TARGET, Trait.END),
    "until": (Trait.END,),
    "till": (Trait.END,),
    "through": (Trait.END,),
    "before": (Trait.END,),
    "by": (Trait.PERSON, Trait.END, Trait.METHOD),
    "via": (Trait.METHOD,),
    "using": (Trait.METHOD,),
    "with": (Trait.METHOD,),
    "into": (Trait.TARGET,),
    "towards": (Trait.TARGET,),
    "as": (Trait.TITLE, Trait.KIND),
    "named": (Trait.TITLE,),
    "called": (Trait.TITLE,),
    "titled": (Trait.TITLE,),
    "entitled": (Trait.TITLE,),
    "about": (Trait.QUERY, Trait.MESSAGE),
    "containing": (Trait.QUERY,),
    "matching": (Trait.QUERY,),
    "mention": (Trait.QUERY,),
    "mentions": (Trait.QUERY,),
    "mentioning": (Trait.QUERY,),
    "contain": (Trait.QUERY,),
    "contains": (Trait.QUERY,),
    "regarding": (Trait.QUERY, Trait.MESSAGE),
}
_SYNONYMS = """
customer client
employee staff worker colleague
invoice bill
order purchase
meeting appointment event
picture image photo
movie film
phone telephone mobile
cost price fee
user person people member
company organization organisation firm business
ticket issue case
buy purchase
begin start
cancel delete remove
find search
book reserve
update change modify edit
create add make new
status state
comment note remark
product item article
delivery shipment shipping
tag label
folder directory
type kind format category
vacation leave holiday
salary pay wage
rating score
current latest now
weather forecast
city town
job position
plan subscription
summary overview
refund reimbursement
attendee participant guest
track song
lookup search
send email mail
assign allocate
detail information info
history log
stock inventory
team group
document file
calculate compute
rent lease
chart plot graph diagram
route direction path
"""


def _verbs() -> dict[str, tuple[Action, ...]]:
    return {verb: actions for actions, verbs in _VERBS.items() for verb in verbs.split()}


def _traits() -> tuple[tuple[frozenset[str], Trait], ...]:
    rows = [(words(name), trait) for trait, text in _TRAITS.items() for name in text.split("|")]
    return tuple(sorted(rows, key=lambda row: -len(row[0])))


_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
_MONTHS = "january february march april may june july august september october november december"
_DAYS = "monday tuesday wednesday thursday friday saturday sunday"
_UNITS = {"day": "day", "week": "week", "month": "month", "year": "year", "hour": "hour", "minute": "minute"}

ENGLISH = Lexicon(
    language="en",
    actions=_verbs(),
    plain=words(
        "list enumerate browse get show give tell fetch retrieve view see read display return look provide "
        "describe access obtain inspect open know pull check what which who whose when where find search lookup "
        "query filter discover locate explore count calculate compute determine add insert put create raise file "
        "submit post make new register start update change set edit modify adjust delete remove drop erase "
        "cancel destroy send need want put mark move rename turn switch"
    ),
    above=("more than", "greater than", "over", "above", "at least", "no less than", "minimum of", "longer than"),
    below=("less than", "fewer than", "cheaper than", "under", "below", "at most", "no more than", "up to", "within"),
    stop=words(
        "least a an the this that these those of for to in on at by with from and or as is are was were be been "
        "being am do does did can could would should will shall may might must i me my mine we us our you your "
        "he him his she her it its they them their there here have has had having if then than so such not no "
        "but also into onto over under up out off please just some any each both more most very too only own "
        "same about between through during before after above below again further once while because until how "
        "why let lets s t d m ll re ve hey hi hello thanks thank kindly ok okay well yes go got per via using "
        "within without like whether"
    ),
    weak=words(
        "want need help would like know able provide currently now planning plan trying try looking look "
        "interested going think wondering wonder sure make information info details detail data give tell show "
        "new all every specific given following particular various based certain existing available request api "
        "using use whose what which who when where way one first last top id ids gid gids uuid associated"
    ),
    generic=words(
        "list lists detail details information info data record records set number overview page results result "
        "kind kinds type copy collection entry entries full compact complete summary rest lot first last top id "
        "ids gid gids uuid"
    ),
    headless=words("address number date name code value details information info"),
    abstract=words(
        "field fields text date dates time setting settings value values option options parameter parameters endpoint "
        "request response property attribute name object item flag feature function method way case page section "
        "server system application app account user data resource array string object entity element key"
    ),
    every=words("all every each list many any everything"),
    synonyms=tuple(frozenset(line.split()) for line in _SYNONYMS.strip().splitlines()),
    numbers={w: i for i, w in enumerate(_NUMBERS.split())}
    | {w: 10 * i for i, w in enumerate(_TENS.split(), 2)}
    | {"dozen": 12},
    scales={"hundred": 100, "thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000},
    ordinals={w: i for i, w in enumerate(_ORDINALS.split(), 1)} | {"last": -1},
    months={w: i for i, w in enumerate(_MONTHS.split(), 1)}
    | {w[:3]: i for i, w in enumerate(_MONTHS.split(), 1)}
    | {"sept": 9},
    weekdays={w: i for i, w in enumerate(_DAYS.split())},
    units=_UNITS | {f"{w}s": u for w, u in _UNITS.items()},
    roles=_ROLES,
    traits=_traits(),
    messages=(
        "saying that",
        "saying",
        "that says",
        "which says",
        "with the note",
        "with note",
        "with the message",
        "with message",
        "with the comment",
        "with comment",
        "with the text",
        "with the body",
        "with the description",
        "with the content",
        "with the contents",
        "with the reason",
        "reason is",
        "the reason being",
        "because",
        "due to",
        "telling them",
        "telling him",
        "telling her",
        "noting that",
        "stating that",
        "stating",
        "explaining that",
    ),
    negations=words("not no without never don't doesn't isn't aren't exclude excluding except non disable"),
    undoing=("un", "non", "in"),
    identity=words("id ids gid gids uuid code codes number no key reference ref identifier ticker sku"),
    owning=words("of for"),
    leading=words("of for by from with in at to on about"),
    particles=words("in out up down on off over back away"),
    determiners=words("the a an my our your this that his her their its of for no any each some these those"),
    questions=words("what which who whose when where how"),
    becomes=words("to as is becomes into"),
    descending=words("descending desc newest latest highest largest decreasing reverse biggest greatest costliest"),
    ascending=words("ascending asc oldest earliest lowest smallest increasing alphabetically cheapest"),
    orders=(
        (
            words("highest largest biggest greatest costliest lowest smallest cheapest"),
            words("total amount price cost sum value size quantity balance count capacity rating score"),
        ),
        (
            words("newest latest oldest earliest"),
            words("created opened issued added started released published date time"),
        ),
    ),
    cancel=frozenset(("never mind", "nevermind", "cancel", "cancel that", "forget it", "stop", "no", "no thanks")),
    currencies={
        "$": "USD",
        "€": "EUR",
        "£": "GBP",
        "¥": "JPY",
        "usd": "USD",
        "eur": "EUR",
        "gbp": "GBP",
        "jpy": "JPY",
        "dollars": "USD",
        "dollar": "USD",
        "euros": "EUR",
        "euro": "EUR",
        "pounds": "GBP",
        "yen": "JPY",
        "chf": "CHF",
        "cny": "CNY",
        "inr": "INR",
        "rupees": "INR",
        "yuan": "CNY",
    },
)
