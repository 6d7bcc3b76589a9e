"""A client of the help desk that holds every answer against the OpenAPI document."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from aiohttp.test_utils import TestClient
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from facade.demo.helpdesk.seed import ANCHOR, account_key

SPEC = Path(__file__).parents[2] / "specs" / "helpdesk.yaml"
DOCUMENT: dict[str, Any] = yaml.safe_load(SPEC.read_text(encoding="utf-8"))
METHODS = ("get", "put", "post", "patch", "delete")
SEED = 1
NOW = datetime.combine(ANCHOR, datetime.min.time(), UTC).replace(hour=9)
BRIGHT, HARBOR = "acct_brightwater", "acct_harborpine"
KEYS = {account: account_key(SEED, account) for account in (BRIGHT, HARBOR)}

Parameters = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An operation of the document."""

    id: str
    method: str
    path: str
    parameters: tuple[dict[str, Any], ...]
    responses: Mapping[str, Any]


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """The node that a local reference stands for."""
    while "$ref" in node:
        found: Any = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def operations() -> dict[str, Operation]:
    """Every operation by its id."""
    found = {}
    for path, item in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in item:
                raw = item[method]
                shared = [*item.get("parameters", ()), *raw.get("parameters", ())]
                found[raw["operationId"]] = Operation(
                    id=raw["operationId"],
                    method=method.upper(),
                    path=path,
                    parameters=tuple(resolved(each) for each in shared),
                    responses=raw["responses"],
                )
    return found


OPERATIONS = operations()


def closed(node: Any) -> Any:
    """The document with no room for properties that it does not name."""
    if isinstance(node, dict):
        shut = {name: closed(value) for name, value in node.items()}
        if node.get("type") == "object" and isinstance(node.get("properties"), dict):
            shut["additionalProperties"] = False
        return shut
    return [closed(value) for value in node] if isinstance(node, list) else node


CONTRACT = OpenAPI.from_dict(closed(copy.deepcopy(DOCUMENT)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An answer as the client has it."""

    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Asks as one account; an answer that the document does not allow is an error."""

    client: TestClient[Any, Any]
    account: str = BRIGHT

    async def ask(
        self,
        operation_id: str,
        path: Mapping[str, Any] | None = None,
        query: Parameters | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Told:
        """Send one request of an operation and check the answer against the document."""
        operation = OPERATIONS[operation_id]
        target = operation.path.format(**(path or {}))
        sent = {"X-Account-Key": KEYS.get(self.account, self.account), **(headers or {})}
        async with self.client.request(
            operation.method, target, params=query or {}, json=body, headers=sent
        ) as response:
            raw = await response.read()
            told = Told(
                status=response.status,
                body=await response.json() if raw else None,
                headers=dict(response.headers),
            )
        request = MockRequest(
            DOCUMENT["servers"][0]["url"], operation.method.lower(), target, args=dict(query or {}), headers=sent
        )
        assert str(told.status) in operation.responses, (operation_id, told)
        CONTRACT.validate_response(request, MockResponse(raw, told.status, dict(response.headers)))
        return told

    async def items(self, operation_id: str, path: Mapping[str, Any] | None = None, /, **query: str) -> list[Any]:
        """Every entry of a list, whatever its envelope and however many pages; not checked, which takes long."""
        found: list[Any] = []
        page = 1
        while True:
            params = {**query, "page": str(page), "per_page": "100"}
            target = OPERATIONS[operation_id].path.format(**(path or {}))
            headers = {"X-Account-Key": KEYS[self.account]}
            async with self.client.get(target, params=params, headers=headers) as response:
                assert response.status == 200, await response.text()
                body = await response.json()
            part = body["items" if "items" in body else "data"]
            found += part
            page += 1
            if len(part) < 100:
                return found

    async def first(self, operation_id: str, **query: str) -> Any:
        """The first entry of a list."""
        return (await self.items(operation_id, **query))[0]
