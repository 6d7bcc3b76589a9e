"""Several applications behind one port: each call goes to the application its operation belongs to."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

from facade.kernel import Answer, ApprovedCall, UpstreamUnavailable
from facade.ports import Attempt, Retries, Upstream

_T = TypeVar("_T")


class SeveralUpstreams:
    """`Upstream` over one adapter for each API."""

    def __init__(self, by_api: Mapping[str, Upstream]) -> None:
        self._by_api = by_api

    async def send(self, call: ApprovedCall) -> Answer:
        """See `ports.Upstream`."""
        return await _of(self._by_api, call).send(call)


class SeveralRetries:
    """`Retries` with one budget for each API."""

    def __init__(self, by_api: Mapping[str, Retries]) -> None:
        self._by_api = by_api

    def attempts(self, call: ApprovedCall) -> AsyncIterator[AbstractAsyncContextManager[Attempt]]:
        """See `ports.Retries`."""
        return _of(self._by_api, call).attempts(call)


def _of(by_api: Mapping[str, _T], call: ApprovedCall) -> _T:
    api = call.built.operation.key.api
    try:
        return by_api[api]
    except KeyError:
        raise UpstreamUnavailable(f"There is no application {api!r} any more; nothing was sent.") from None
