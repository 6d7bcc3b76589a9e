"""The main job, end to end."""

from tests.requirements.records import Requirement

REQUIREMENTS: dict[str, Requirement] = {
    # Invariants (design, "Invariants"): the named tests for each.
    "invariant:tenant:isolated": Requirement("No request reads or changes another tenant's data or allowance.", "I1"),
    "invariant:consent:exact": Requirement("No write leaves without its user's approval of exactly that call.", "I2"),
    "invariant:contract:enforced": Requirement("No agent call leaves that the contract does not allow.", "I3"),
    "invariant:limits:exact": Requirement("Never more is admitted than rate x time + burst.", "I4"),
    "invariant:ledger:complete": Requirement("After kill -9 the ledger equals the wire; nothing runs twice.", "I5"),
    "invariant:proxy:unchanged": Requirement("A proxied client sends and gets what it would have without us.", "I6"),
    "invariant:errors:clear": Requirement("Bad input gets one clear message with the place and the mend.", "I7"),
    # --- contract
    "contract:oracle:agrees": Requirement(
        "openapi-core gives the same verdict on generated traffic, or the difference is listed.", "issue 2, slice 1"
    ),
    "contract:description:tolerant": Requirement(
        "A broken operation becomes a finding and is left out; the rest of the description works.", "issue 2, slice 1"
    ),
    "contract:references:local": Requirement("Nothing outside the description is ever read.", "SEC-SPEC-01"),
    "contract:description:bounded": Requirement(
        "Loops, deep nesting, reference and alias bombs are refused or harmless.", "SEC-SPEC-02"
    ),
    "contract:patterns:linear": Requirement("A hostile pattern costs bounded time, or is refused.", "SEC-SPEC-03"),
    "contract:collisions:deterministic": Requirement(
        "Duplicate ids and colliding paths are settled the same way each time, and told.", "SEC-SPEC-04"
    ),
    "contract:reads:flagged": Requirement("A read that is named like a change is flagged.", "SEC-SPEC-05"),
    "contract:servers:ignored": Requirement("The description's servers never reach the wire.", "SEC-SSRF-02"),
    "contract:path:confined": Requirement(
        "No path argument leads to another operation than the one that was chosen.", "SEC-PATH-01"
    ),
    "contract:query:confined": Requirement("An argument stays one parameter, encoded.", "SEC-PATH-03"),
    "contract:header:confined": Requirement("A header argument cannot break out of its value.", "SEC-PATH-04"),
    "contract:body:closed": Requirement("Unknown, read-only and pinned body fields are refused.", "SEC-PATH-05"),
    "contract:build:round_trip": Requirement(
        "What is built reads back to the same operation and values.", "SEC-PATH-06"
    ),
    "contract:body:deep": Requirement("A body nested beyond reason is refused, never a crash.", "SEC-SPEC-08"),
    "contract:reload:version": Requirement("Any change of the description or its settings changes the version.", "D4"),
    # --- identity and tenancy
    "SEC-JWT-01": Requirement("A token without a signature or a listed algorithm is refused.", "SEC-JWT-01"),
    "SEC-JWT-02": Requirement("A public key never serves as an HMAC secret, and families do not mix.", "SEC-JWT-02"),
    "SEC-JWT-03": Requirement("A key id only looks up a key of its issuer's own set.", "SEC-JWT-03"),
    "SEC-JWT-04": Requirement("Keys and key addresses inside a token are never used.", "SEC-JWT-04"),
    "SEC-JWT-05": Requirement("Critical header extensions and b64 are refused.", "SEC-JWT-05"),
    "SEC-JWT-06": Requirement("Only a finite, near, future exp is accepted.", "SEC-JWT-06"),
    "SEC-JWT-07": Requirement("Clock skew is forgiven up to the leeway, at most 60 s.", "SEC-JWT-07"),
    "SEC-JWT-08": Requirement("Issuer and audience match exactly.", "SEC-JWT-08"),
    "SEC-JWT-09": Requirement("Doubled claims and header members are refused.", "SEC-JWT-09"),
    "SEC-JWT-10": Requirement("Tokens of another type are refused.", "SEC-JWT-10"),
    "SEC-JWT-11": Requirement("A tenant claim is one exact, unfolded id, or a list of them.", "SEC-JWT-11"),
    "SEC-JWT-12": Requirement("Huge and deeply nested tokens are refused before a signature is checked.", "SEC-JWT-12"),
    "SEC-JWT-13": Requirement("A rotated key is accepted at once, with one fetch.", "SEC-JWT-13"),
    "SEC-JWT-14": Requirement("While the key server is broken known keys serve and unknown ones do not.", "SEC-JWT-14"),
    "SEC-JWT-15": Requirement("A spray of key ids causes one fetch a cooldown.", "SEC-JWT-15"),
    "SEC-JWT-16": Requirement("A key that is withdrawn stops serving within its time to live.", "SEC-JWT-16"),
    "SEC-JWT-17": Requirement("The token cache answers for the whole token, its life and its key only.", "SEC-JWT-17"),
    "SEC-JWT-18": Requirement("A fault anywhere in verification is a refusal, never an identity.", "SEC-JWT-18"),
    "SEC-JWT-19": Requirement("Unfit keys of a key server are ignored, with a finding.", "SEC-JWT-19"),
    "SEC-JWT-20": Requirement("Zero signatures and non-canonical encodings are refused.", "SEC-JWT-20"),
    "SEC-JWT-21": Requirement("Only one whole credential, in its header, is read.", "SEC-JWT-21"),
    "SEC-JWT-22": Requirement("No token or key material is logged.", "SEC-JWT-22"),
    "SEC-HDR-02": Requirement("A spoofed context header is known in every spelling.", "SEC-HDR-02"),
    "SEC-TEN-08": Requirement(
        "No credential of another tenant, or of more than the caller has, is used.", "SEC-TEN-08"
    ),
    # --- admission and stores
    "limits:rate:bounded": Requirement(
        "No window holds more than rate x time + burst, whatever the costs.", "REL-RL-01"
    ),
    "limits:rate:generous": Requirement("Under saturation at least 97 % of the allowance is granted.", "REL-RL-01"),
    "limits:tier:change": Requirement("A change of tier grants at most old and new burst, once.", "REL-RL-02"),
    "limits:clock:back": Requirement("A clock that goes back grants nothing extra.", "REL-RL-02"),
    "limits:retry_after:true": Requirement("A client that waits Retry-After is admitted.", "REL-RL-04"),
    "limits:slots:returned": Requirement("Requests in flight come back to zero however they end.", "REL-RL-06"),
    "limits:quota:reloaded": Requirement("Quotas continue from the ledger after a restart.", "design, I4 and D8"),
    "limits:headers:fields": Requirement(
        "RateLimit-Policy and RateLimit are structured fields that name each limit.", "ratelimit-headers-11"
    ),
    "approvals:claim:once": Requirement("Of any number of claims of one approval exactly one wins.", "D4, REL-IDEM-05"),
    "approvals:claim:own": Requirement("An approval is its principal's alone; others learn nothing of it.", "D4"),
    "conversations:own:only": Requirement("A conversation opens for its own user of its own tenant alone.", "D5, I1"),
    "ledger:delivery:idempotent": Requirement("Delivered twice or out of order, a record counts once.", "D8"),
    "ledger:unsettled:unknown": Requirement("An attempt without a settlement stays unknown and is shown.", "D8"),
    "ledger:full:refuses": Requirement("A journal that cannot write refuses new work and recovers.", "REL-ST-05"),
    "ledger:kill:nothing_lost": Requirement("What was appended survives kill -9 and counts once.", "REL-KILL-01"),
    "store:locked:bounded": Requirement("A locked database is waited for briefly, then refused whole.", "REL-ST-04"),
    "ids:uuid7:ordered": Requirement("Identifiers are UUIDv7, rising within a process.", "RFC 9562 5.7"),
    # --- plan
    "plan:values:sourced": Requirement("Every planned value comes from words, a choice or a default.", "Design D3"),
    "plan:rights:narrowed": Requirement("No planned or offered operation lies outside those allowed.", "I1"),
    "plan:description:inert": Requirement("Text of one operation changes no other one's card or class.", "I2, D13"),
    "plan:language:honest": Requirement("A script that is not read is refused, never guessed.", "Issue: planner"),
    "plan:words:bounded": Requirement("Any string is read within bounds and raises nothing.", "D11"),
    "plan:question:answered": Requirement("The next words answer the open question, or are read anew.", "D5"),
    # --- proxy and upstream
    "upstream:cookies:never-kept": Requirement("A cookie of one tenant never travels with another's call.", "C1"),
    "upstream:redirects:never-followed": Requirement("A redirect is handed back, not followed.", "C2, SEC-SSRF-03"),
    "upstream:attempts:one-on-the-wire": Requirement("One attempt is one request on the wire.", "C3, REL-UP-11"),
    "upstream:attempts:cancel-storm": Requirement("Cancelled calls leave no answer to another.", "C9, SEC-TEN-06"),
    "upstream:framing:ours-alone": Requirement("Framing and Host are computed by us alone.", "C4, C8, SEC-SMG-04"),
    "upstream:egress:pinned": Requirement("Connections go to the configured application alone.", "C7, SEC-SSRF-04"),
    "upstream:target:same-bytes": Requirement("The target is sent byte for byte or refused.", "I6, SEC-PATH-02"),
    "upstream:body:bounded": Requirement("No answer grows beyond its cap, encoded or not.", "C5, REL-DOS-06"),
    "upstream:body:cut": Requirement("A cut answer is never taken for a whole one.", "C6, REL-UP-03, REL-UP-04"),
    "upstream:faults:named": Requirement(
        "Each fault of the application has its own error.", "D9, REL-UP-01, REL-UP-02"
    ),
    "upstream:retries:bounded": Requirement(
        "Repeated: what is safe or keyed, within a budget.", "D9, REL-UP-06, REL-UP-07"
    ),
    "proxy:headers:connection": Requirement("Connection strips neither essentials nor our context.", "SEC-HDR-03"),
    "proxy:headers:spoofed-context": Requirement("One context value, whatever is sent.", "SEC-HDR-01, SEC-HDR-02"),
    "proxy:headers:spoofed-origin": Requirement("Claims about origin, path or method are dropped.", "SEC-HDR-04"),
    "proxy:credentials:kept-apart": Requirement("A credential goes no further than it may.", "D2, SEC-TEN-08"),
    "proxy:hygiene:ambiguous": Requirement(
        "What two servers could read in two ways is refused.", "SEC-SMG-01, SEC-HDR-09"
    ),
    "proxy:hygiene:trailers": Requirement("Trailers never become headers.", "SEC-HDR-05"),
    "proxy:hygiene:slow": Requirement("Slow clients are let go at their deadline.", "REL-DOS-01, REL-DOS-02"),
    "proxy:hygiene:parser": Requirement("Nothing starts without the strict parser.", "SEC-SMG-09"),
    "proxy:paths:same-reading": Requirement("The path that is judged is the path that is sent.", "SEC-PATH-02"),
    "proxy:pins:compared": Requirement("A client cannot say another value than its context fixes.", "D1, SEC-TEN-02"),
    "proxy:identity:fail-closed": Requirement("A bad token of ours is refused, never anonymous.", "SEC-JWT-18"),
    "proxy:ledger:settled": Requirement("Each passage is settled once, however it ends.", "I5"),
    "proxy:drain:lame-duck": Requirement("The end begins with Connection: close, work in hand ends well.", "REL-KILL"),
    "proxy:observe:off-path": Requirement("Observation changes nothing and is bounded.", "D11"),
    "proxy:stale:read-again": Requirement("A kept connection's end is no client's error on a read.", "REL-UP-11"),
    "proxy:broken:no-false-end": Requirement("A cut answer never looks complete to the client.", "REL-UP-03"),
    "relay:early:not-reused": Requirement("A connection with an unsent body is not used again.", "SEC-SMG-06"),
    "relay:stream:bounded": Requirement("Both directions stream with back-pressure.", "I6"),
    # --- chat and replies
    "errors:table:complete": Requirement("Each leaf of the error tree has exactly one status, title and type.", "I7"),
    "errors:limit:told": Requirement("A refused limit says which, how long to wait and where all limits stand.", "I4"),
    "reply:untrusted:inert": Requirement("No markup, link or invisible character of a stranger is alive.", "SEC-PI-07"),
    "reply:echo:filters": Requirement("A list says what was looked for and how much of it is shown.", "issue 2.7"),
    "reply:writes:plain": Requirement(
        "What was created, updated or deleted is said plainly, with its id.", "issue 2.7"
    ),
    "reply:values:local": Requirement("Moments and amounts follow the tenant's zone and locale.", "issue 2.7"),
    "reply:unknown:plain": Requirement("A write whose answer was lost is called unknown, not failed.", "D9"),
    "reply:consent:exact": Requirement(
        "What a user is asked to approve is written from the exact request.", "SEC-PI-06"
    ),
    "chat:history:powerless": Requirement("A client's copy of the history only locates its conversation.", "D5"),
    "chat:left:finishes": Requirement("A client that leaves does not cut its turn in two.", "I5"),
    "chat:chores:free": Requirement(
        "Titles, tags and follow-ups of frontends call nothing and cost no turn.", "issue 2.7"
    ),
    "chat:sdk:served": Requirement("The OpenAI SDK is served, streamed and not.", "issue 2, shown by"),
    "chat:spec:true": Requirement("Answers of the chat entrance validate against specs/agent.yaml.", "D6"),
    "probe:private:silent": Requirement("Log lines and metrics hold no token, body or argument.", "D12"),
    "chat:retry:discouraged": Requirement("A client is told not to retry where a write may have run.", "D9"),
    # --- found by attacking the whole
    "consent:settled:told-truly": Requirement(
        "Who settles a proposal is told what became of it, overtaken or not.", "I5"
    ),
    "chat:chores:linear": Requirement("No prompt makes a frontend's chore slow.", "REL-DOS-07"),
    "limits:odd-headers:no-way-out": Requirement("No spelling of a credential leads a tenant past its limits.", "I4"),
    "reply:huge:linear": Requirement("No answer of an application makes its telling slow.", "REL-DOS-07"),
    "proxy:spellings:one-meaning": Requirement(
        "Pins and rights judge every spelling that an application may read as the same.", "I1"
    ),
    # --- command line and settings
    "receipts:one-maker:each": Requirement(
        "Each receipt type has exactly one maker.", "house_style, types are receipts"
    ),
    "settings:problems:all-at-once": Requirement("Every problem of a settings file is told at once.", "I7"),
    "settings:secrets:never-shown": Requirement("No secret shows in settings, errors or the log.", "D12"),
    "settings:roles:tenant-wide": Requirement("A tenant-wide credential makes role rules mandatory.", "D2"),
    "package:image:non-root": Requirement(
        "The wheel runs as another user, answers its probe, stops on SIGTERM.", "issue 2"
    ),
    "cli:errors:one-line": Requirement("A command that fails says why in one line, with no traceback.", "I7"),
    # --- the whole product
    "walk:reads": Requirement("A customer lists, filters and reads its own rows in words.", "Shown by: the walk"),
    "walk:writes": Requirement("Writes wait for consent, run once, and can be declined.", "Shown by: the walk"),
    "walk:questions": Requirement("A missing value is asked for; what does not fit is refused.", "Shown by: the walk"),
    "walk:limits": Requirement("A tenant meets its own limit while another does not.", "Shown by: the walk"),
    "walk:agent-only": Requirement("Agent-only mode proxies nothing.", "Issue: proxy"),
    "demo:once:as-shown": Requirement("The demo starts, plays and stops as the README shows.", "Issue: frame"),
    "REL-KILL-01": Requirement("Thirty kills under load lose no attempt and repeat no write.", "REL-KILL-01"),
    # --- demo
    "demo:contract:agrees": Requirement("The demo application answers every operation as its document says.", "demo"),
    "demo:tenancy:own": Requirement("The demo application itself refuses the ids of another account.", "demo"),
    "demo:log:oracle": Requirement("Whoever has an answer of the demo application finds its access log line.", "demo"),
    "demo:seed:same": Requirement("The same seed and day plant the same rows.", "demo"),
}
