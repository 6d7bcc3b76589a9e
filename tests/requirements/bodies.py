"""Bodies and schemas of every kind."""

from tests.requirements.records import Requirement

REQUIREMENTS: dict[str, Requirement] = {
    "bodies:media_type:chosen": Requirement(
        "Of several declared media types one is chosen by a fixed order.", "issue 3, intake"
    ),
    "bodies:media_type:observed": Requirement(
        "A client's body is held against the schema of its own media type.", "issue 3, intake"
    ),
    "bodies:multipart:written": Requirement(
        "Fields of a multipart form are written by their schemas, the same bytes each time.", "RFC 7578, D4"
    ),
    "bodies:multipart:files": Requirement(
        "A file is a text or octets with a name and a media type, checked before anything is built.", "issue 3, intake"
    ),
    "bodies:multipart:confined": Requirement(
        "No name, filename or content breaks out of its part.", "RFC 7578, section 4.2; SEC-PATH-04"
    ),
    "bodies:multipart:bounded": Requirement("A form of 100,000 parts is refused.", "REL-DOS-08"),
    "bodies:encoding:obeyed": Requirement(
        "Encoding Objects decide media types, headers and styles of parts.", "OpenAPI 3.1.1, 4.8.15"
    ),
    "bodies:forms:confined": Requirement(
        "A field of a form stays itself, and no spelling of a pinned one gets in.", "SEC-PATH-05"
    ),
    "bodies:forms:observed": Requirement("A client's forms are held against their schemas.", "issue 3, intake"),
    "bodies:text:written": Requirement("A text body is written in its charset.", "issue 3, intake"),
    "bodies:octets:written": Requirement("Octets are given in base64 and sent as they are.", "issue 3, intake"),
    "bodies:json:patches": Requirement("JSON of other media types keeps its media type.", "RFC 7396, RFC 6902"),
    "bodies:answers:read": Requirement(
        "Each kind of answer is read as what it is, streams of JSON as text.", "issue 3, intake"
    ),
    "bodies:answers:checked": Requirement(
        "Answers of every media type are checked so far as their schemas speak of them.", "issue 3, intake"
    ),
    "bodies:answers:told": Requirement(
        "Separated values are shown as a table, octets by media type and size.", "issue 3, intake"
    ),
    "bodies:proposals:told": Requirement(
        "Whoever approves a form or a file sees its fields, names, media types and sizes.", "D4, SEC-PI-06"
    ),
    "bodies:checking:bounded": Requirement(
        "A body above a bound is not held against its schema, and a finding says so.", "D11"
    ),
    "schemas:styles:round_trip": Requirement(
        "What a call says in any parameter style, a reader of the request finds again.", "OpenAPI 3.1.1, 4.8.12"
    ),
    "schemas:discriminator:chooses": Requirement(
        "A value is held against the branch that its discriminator names.", "OpenAPI 3.1.1, 4.8.25"
    ),
    "schemas:nullable:read": Requirement(
        "Null is allowed wherever OpenAPI 3.0 lets a description say so.", "OpenAPI 3.0.4, 4.7.24.3"
    ),
    "schemas:one_way:respected": Requirement(
        "What the application sets is neither sent nor asked for, what only callers set is not awaited.",
        "OpenAPI 3.0.4, 4.7.24.1",
    ),
    "schemas:formats:checked": Requirement("Formats mean what their registry says.", "OpenAPI 3.0.4, 4.4"),
    "schemas:contract:pickles": Requirement(
        "A contract compiled in another process builds, matches and checks as it does here.", "issue 3, intake"
    ),
}
