"""Descriptions as they are in the wild."""

from tests.requirements.records import Requirement

_INTAKE = "issue 3, intake"
_SWAGGER = "Swagger 2.0"

REQUIREMENTS: dict[str, Requirement] = {
    # --- dialects
    "intake:swagger2:read": Requirement("A Swagger 2.0 description is read as if written in OpenAPI 3.0.", _INTAKE),
    "intake:swagger2:parameters": Requirement("Parameters that spell out their schema get one.", _SWAGGER),
    "intake:swagger2:arrays": Requirement("Arrays are written as `collectionFormat` says, or told.", _SWAGGER),
    "intake:swagger2:bodies": Requirement("Body and form parameters, files too, become the request body.", _SWAGGER),
    "intake:swagger2:answers": Requirement("Answers have their schema in every media type produced.", _SWAGGER),
    "intake:swagger2:schemas": Requirement("References, discriminators, files and nulls are respelled.", _SWAGGER),
    "intake:swagger2:security": Requirement("Security definitions become schemes.", _SWAGGER),
    "intake:swagger2:places": Requirement("Findings point into the document that the provider wrote.", _INTAKE),
    "intake:openapi32:plain": Requirement("The plain parts of OpenAPI 3.2 are read.", "OpenAPI 3.2.0"),
    "intake:openapi32:methods": Requirement("Methods of OpenAPI 3.2 are known to the proxy.", "OpenAPI 3.2.0"),
    "intake:openapi32:told": Requirement("What OpenAPI 3.2 adds and we cannot use is a finding.", "OpenAPI 3.2.0"),
    # --- names
    "intake:names:made": Requirement("Every operation gets a unique name that every protocol can carry.", _INTAKE),
    "intake:names:stable": Requirement("Operations that come or go leave the names of others alone.", _INTAKE),
    # --- risky operations
    "intake:risks:parameters": Requirement(
        "Parameters that make the caller somebody else are not for agents, nor what needs them.", _INTAKE
    ),
    "intake:risks:operations": Requirement(
        "Sign-in, credentials, batches, bulk and collection-wide writes are found by rule and kept from agents.",
        _INTAKE,
    ),
    "intake:risks:harmless": Requirement("A search, an item, a part of an item is nothing of the kind.", _INTAKE),
    "intake:risks:allowed": Requirement("What a rule keeps back, a line in the settings allows.", _INTAKE),
    "intake:risks:told": Requirement(
        "`init`, `check` and `operations` tell what is kept back and how to allow it.", _INTAKE
    ),
    # --- quirks
    "intake:quirks:invalid": Requirement("What is invalid in a description costs that part alone.", _INTAKE),
    "intake:quirks:ids": Requirement("Ids that are missing, long or odd become names.", _INTAKE),
    "intake:quirks:authentication": Requirement("Authentication may be missing or have alternatives.", _INTAKE),
    "intake:quirks:wrong": Requirement("Wrong request schemas are observed, not enforced on clients.", _INTAKE),
    "intake:quirks:paths": Requirement("Trailing slashes count; segments hold several names and suffixes.", _INTAKE),
    "intake:quirks:twins": Requirement("Twins by case, method, id or shape are told apart, or told.", _INTAKE),
    "intake:servers:ignored": Requirement("`servers`, `host` and `basePath` are suggestions, never believed.", _INTAKE),
}
