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
    "intake:servers:ignored": Requirement("`servers`, `host` and `basePath` are suggestions, never believed.", _INTAKE),
}
