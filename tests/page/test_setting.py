"""The page is there by default, and not when a setting says so."""

from pathlib import Path

import pytest
from aiohttp import ClientSession

from facade.app import open_facade
from facade.edge.server import serving
from tests.cli.settings_files import bent, loaded, small
from tests.fidelity.doors import logging_kept
from tests.requirements import requirement


@requirement("page:setting:off")
@pytest.mark.parametrize(("page", "status"), [(True, 200), (False, 404)])
async def test_the_page_is_served_where_the_settings_say_so(tmp_path: Path, page: bool, status: int) -> None:
    settings = bent(bent(small(tmp_path), "chat.page", page), "listen.port", 0)
    with logging_kept():
        async with (
            open_facade(loaded(settings, tmp_path)) as facade,
            serving(facade.http, facade.server, facade.gate) as server,
            ClientSession(f"http://127.0.0.1:{server.port}") as client,
        ):
            for path in ("/agent/chat", "/agent/chat/config"):
                async with client.get(path) as answer:
                    assert answer.status == status
