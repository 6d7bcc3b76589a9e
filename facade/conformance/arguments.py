"""Arguments that an operation cannot do without."""

from collections.abc import Mapping

from facade.conformance.session import Session
from facade.kernel import Arguments, Json, Location, Operation


def required_arguments(
    session: Session, operation: Operation, path: Mapping[str, Json], *, body: Json = None
) -> Arguments:
    """Path arguments as given, and values for every other required parameter."""
    query: dict[str, Json] = {}
    header: dict[str, Json] = {}
    for parameter in operation.parameters:
        if parameter.required and parameter.location in (Location.QUERY, Location.HEADER):
            into = query if parameter.location is Location.QUERY else header
            into[parameter.name] = session.sampler.parameter(operation, parameter)
    return Arguments(path=path, query=query, header=header, body=body)
