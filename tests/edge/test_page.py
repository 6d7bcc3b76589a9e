"""The page's files and their headers, and the exchange of a code."""

import re
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession

from facade.edge.page import PageEntrance, PageRules, read_assets
from facade.edge.page.assets import POLICY
from facade.edge.server import Gate, ServerSettings, application, serving
from facade.kernel import SECOND, Micros, Secret
from facade.ports import Granted, Offer
from facade.testing.clock import START
from tests.contract.test_agent_api import fits
from tests.edge.chat_scenes import scripted
from tests.requirements import requirement

OFFER = Offer(
    issuer="https://id.example",
    label="Example ID",
    client_id="c",
    scope="openid",
    authorization_url="https://id.example/authorize",
    parameters={"audience": "facade"},
)
CODE = {"issuer": OFFER.issuer, "code": "c0de", "verifier": "v" * 43, "nonce": "n" * 22}


@asynccontextmanager
async def page(world, *, prefix="/agent", pasted=False):
    """A client of the page, and its origin."""
    ports, gate = world.ports, Gate()
    settings = ServerSettings(port=0, drain_s=0.0)
    app = application(settings, gate, world.ids)
    rules = PageRules(prefix=prefix, pasted=pasted)
    app.add_routes(PageEntrance(lambda: ports, rules, read_assets(prefix)).routes())
    async with serving(app, settings, gate) as server:
        origin = f"http://127.0.0.1:{server.port}"
        async with ClientSession(origin) as client:
            yield client, origin


async def got(client, path, **headers):
    async with client.get(path, headers=headers, allow_redirects=False) as answer:
        return answer.status, answer.headers, await answer.text()


@requirement("page:policy:strict")
async def test_the_page_goes_out_with_a_policy_that_runs_nothing_but_its_own_files():
    async with page(scripted()) as (client, _):
        status, headers, text = await got(client, "/agent/chat")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert headers["Content-Security-Policy"] == POLICY
    policy = dict(part.split(" ", 1) for part in POLICY.split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"], headers["Cross-Origin-Opener-Policy"]) == (
        "nosniff",
        "no-referrer",
        "same-origin",
    )
    assert "Set-Cookie" not in headers
    assert "<style" not in text
    assert text.count("<script") == text.count('<script type="module" src=')


@requirement("page:policy:strict")
def test_no_file_makes_markup_of_data_or_names_another_host():
    assets = read_assets("/agent")
    source = {name: asset.body.decode() for name, asset in assets.files.items()}
    for name, text in {**source, "index.html": assets.index.body.decode()}.items():
        for never in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", 'style="', "onclick="):
            assert never not in text, (name, never)
        assert set(re.findall(r"(?:https?:)?//[a-z0-9-]+\.[^\"'` ]+", text)) <= {"http://www.w3.org/2000/svg"}, name


@requirement("page:files:cached")
async def test_files_are_kept_for_ever_under_their_hash_and_the_page_is_asked_for_again():
    assets = read_assets("/agent")
    async with page(scripted()) as (client, _):
        _, headers, text = await got(client, "/agent/chat")
        assert (headers["Cache-Control"], f"/agent/chat/assets/{assets.version}/main.js" in text) == ("no-cache", True)
        again, _, nothing = await got(client, "/agent/chat", **{"If-None-Match": headers["ETag"]})
        assert (again, nothing) == (304, "")
        status, headers, text = await got(client, f"/agent/chat/assets/{assets.version}/main.js")
        assert (status, headers["Content-Type"]) == (200, "text/javascript; charset=utf-8")
        assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
        _, older, same = await got(client, "/agent/chat/assets/0123456789abcdef/main.js")
        assert (older["Cache-Control"], same) == ("no-cache", text)
        for path in ("none.js", "index.html", "entrance.py"):
            assert (await got(client, f"/agent/chat/assets/{assets.version}/{path}"))[0] == 404
        status, headers, _ = await got(client, "/agent/chat/")
        assert (status, headers["Location"]) == (308, "/agent/chat")


async def test_another_prefix_is_in_every_address():
    async with page(scripted(), prefix="/desk/ai") as (client, _):
        _, _, text = await got(client, "/desk/ai/chat")
    assert text.count("/desk/ai/chat/assets/") == 6
    assert "/agent" not in text


def test_the_page_has_the_name_that_its_provider_gives_it():
    page = read_assets("/agent", '<Acme> "Desk"').index.body.decode()
    assert page.count("&lt;Acme&gt; &quot;Desk&quot;") == 2
    assert "{{" not in page


def test_every_module_that_is_imported_is_there():
    files = read_assets("/agent").files
    wanted = {
        line.split('from "./')[1].split('"')[0]
        for asset in files.values()
        for line in asset.body.decode().splitlines()
        if 'from "./' in line
    }
    assert wanted <= set(files)


@requirement("sign-in:oidc:own-page")
async def test_the_page_learns_where_people_sign_in():
    world = scripted()
    world.sign_in.issuers = (OFFER,)
    async with page(world, pasted=True) as (client, _), client.get("/agent/chat/config") as answer:
        told = await answer.json()
        assert answer.headers["Cache-Control"] == "no-store"
    assert fits({"$ref": "#/components/schemas/SignIns"}, told) == []
    assert told == {
        "issuers": [
            {
                "issuer": "https://id.example",
                "label": "Example ID",
                "authorization_url": "https://id.example/authorize",
                "client_id": "c",
                "scope": "openid",
                "parameters": {"audience": "facade"},
            }
        ],
        "pasted": True,
    }


@requirement("sign-in:oidc:own-page")
async def test_a_code_is_redeemed_once_for_the_page_itself():
    world = scripted()
    world.sign_in.grants["c0de"] = Granted(token=Secret("eyJ.a.b"), expires=Micros(START + 60 * SECOND))
    async with page(world) as (client, origin):
        body = {**CODE, "redirect_uri": f"{origin}/agent/chat"}
        async with client.post("/agent/chat/token", json=body, headers={"Origin": origin}) as answer:
            assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
            told = await answer.json()
            assert told == {"token": "eyJ.a.b", "expires_at": "2023-11-14T22:14:20Z"}
            assert fits({"$ref": "#/components/schemas/SignedIn"}, told) == []
            assert fits({"$ref": "#/components/schemas/Code"}, body) == []
        async with client.post("/agent/chat/token", json=body, headers={"Origin": origin}) as answer:
            assert (answer.status, (await answer.json())["code"]) == (404, "not_found")
    assert [code.redirect_uri for code in world.sign_in.redeemed] == [f"{origin}/agent/chat"] * 2


@requirement("sign-in:oidc:own-page", "invariant:errors:clear")
@pytest.mark.parametrize(
    ("changed", "headers", "told"),
    [
        ({"redirect_uri": "{o}/agent/chat"}, {}, (403, None)),
        ({"redirect_uri": "{o}/agent/chat"}, {"Origin": "https://evil.example"}, (403, None)),
        ({"redirect_uri": "{o}/agent/chat"}, {"Origin": "{o}", "Sec-Fetch-Site": "cross-site"}, (403, None)),
        ({"redirect_uri": "https://evil.example/agent/chat"}, {"Origin": "{o}"}, (403, None)),
        ({"redirect_uri": "{o}/agent/chat/"}, {"Origin": "{o}"}, (403, None)),
        ({"redirect_uri": "{o}/agent/chat?x=1"}, {"Origin": "{o}"}, (403, None)),
        ({"redirect_uri": "{o}/other"}, {"Origin": "{o}"}, (403, None)),
        ({"redirect_uri": "http://[broken/agent/chat"}, {"Origin": "{o}"}, (400, "redirect_uri")),
        ({"redirect_uri": "{o}/agent/chat", "verifier": "short"}, {"Origin": "{o}"}, (400, "verifier")),
        ({"redirect_uri": "{o}/agent/chat", "nonce": "with a blank in it ..."}, {"Origin": "{o}"}, (400, "nonce")),
        ({"redirect_uri": "{o}/agent/chat", "code": ""}, {"Origin": "{o}"}, (400, "code")),
        ({"redirect_uri": 7}, {"Origin": "{o}"}, (400, "redirect_uri")),
        ({"redirect_uri": "{o}/agent/chat", "more": "x"}, {"Origin": "{o}"}, (400, "body")),
    ],
)
async def test_nothing_but_the_page_redeems_and_bad_input_names_its_place(changed, headers, told):
    world = scripted()
    async with page(world) as (client, origin):

        def here(values):
            return {n: v.replace("{o}", origin) if isinstance(v, str) else v for n, v in values.items()}

        body = {**CODE, **here(changed)}
        async with client.post("/agent/chat/token", json=body, headers=here(headers)) as answer:
            problem = await answer.json()
            assert fits({"$ref": "#/components/schemas/Problem"}, problem) == []
            assert answer.headers["Content-Security-Policy"] == POLICY
    assert (answer.status, problem.get("place")) == told
    assert world.sign_in.redeemed == []


async def test_a_body_that_is_no_json_is_refused():
    async with page(scripted()) as (client, _), client.post("/agent/chat/token", data=b"{") as answer:
        assert (answer.status, (await answer.json())["place"]) == (400, "body")
