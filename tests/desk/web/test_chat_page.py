"""The customer's page over HTTP: headers, texts, assets, widget."""

import json
import re
import sys
from typing import Any

import pytest

from desk.locale import texts
from desk.web.chat_assets import ASSETS, STATIC_DIR
from desk.web.chinese_script import script_wanted
from tests.desk.support import greeted, tab

FOREIGN = re.compile(
    r"""(?:src|href|import|from|url\()\s*[=(]?\s*["']?(?:https?:)?//(?!www\.w3\.org)"""
)


async def test_page_shows_the_company_and_lets_no_one_frame_it(running: Any) -> None:
    async with running.http() as http:
        response = await http.get("/")
    assert response.status_code == 200
    assert running.desk.company.name in response.text
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    host = running.url.removeprefix("http://")
    assert f"ws://{host}" in policy


async def test_company_name_is_escaped(running: Any) -> None:
    object.__setattr__(running.desk.company, "name", "<script>alert(1)</script>")
    async with running.http() as http:
        response = await http.get("/")
    assert "<script>alert" not in response.text


@pytest.mark.parametrize(
    ("origins", "expected"),
    [
        (["*"], "frame-ancestors *"),
        (
            ["https://a.example", "https://*.b.example:8443"],
            "https://a.example https://*.b.example:8443",
        ),
        (["https://a.example; script-src *"], "frame-ancestors 'none'"),
        ([], "frame-ancestors 'none'"),
    ],
)
async def test_only_allowed_sites_may_frame_the_widget(
    running: Any, origins: list[str], expected: str
) -> None:
    running.desk.settings.embed_origins = origins
    async with running.http() as http:
        response = await http.get("/chat/embed")
    policy = response.headers["content-security-policy"]
    assert policy.endswith(expected)
    assert policy.count("script-src") == 1


async def test_hostile_host_header_stays_out_of_the_policy(running: Any) -> None:
    async with running.http(Host="a.example; script-src *") as http:
        response = await http.get("/")
    assert "script-src *" not in response.headers.get("content-security-policy", "")


async def test_texts_hold_nothing_but_the_page(running: Any) -> None:
    async with running.http() as http:
        content = (await http.get("/chat/texts.json")).json()
    assert content["texts"] == dict(texts("chat_page"))
    assert set(content["company"]) == {
        "name", "short_name", "bot_name", "phone", "address", "office_hours", "privacy_notice",
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(ASSETS))
async def test_assets_are_served_and_checked_again(running: Any, name: str) -> None:
    async with running.http() as http:
        response = await http.get(f"/chat/assets/{name}")
        assert response.status_code == 200
        assert response.headers["cache-control"] == "no-cache"
        etag = {"If-None-Match": response.headers["etag"]}
        assert (await http.get(f"/chat/assets/{name}", headers=etag)).status_code == 304


@pytest.mark.parametrize(
    "name", ["chat.html", "widget.js", "..%2fchat_page.py", "%2e%2e/chat_page.py", "x.js", "."]
)
async def test_nothing_else_is_served(running: Any, name: str) -> None:
    async with running.http() as http:
        assert (await http.get(f"/chat/assets/{name}")).status_code == 404


async def test_widget_script_carries_its_words(running: Any) -> None:
    async with running.http() as http:
        response = await http.get("/widget.js")
    assert response.headers["content-type"].startswith("text/javascript")
    assert response.headers["cross-origin-resource-policy"] == "cross-origin"
    assert words_of(response.text)["launcher"] == "在线客服"


def words_of(script: str) -> dict[str, str]:
    found = re.search(r"const TEXTS = (\{.*?\});", script)
    assert found
    return dict(json.loads(found[1]))


async def test_demo_page_only_with_the_demo(running: Any) -> None:
    async with running.http() as http:
        assert (await http.get("/demo/embed")).status_code == 200
        running.desk.settings.demo = False
        assert (await http.get("/demo/embed")).status_code == 404


@pytest.mark.parametrize("path", sorted(STATIC_DIR.iterdir()), ids=lambda path: path.name)
def test_files_load_nothing_from_elsewhere_and_write_no_html(path: Any) -> None:
    content = re.sub(r"(?m)^\s*//.*$", "", path.read_text(encoding="utf-8"))
    assert not FOREIGN.search(content)
    if path.suffix == ".js":
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", content
        )


def test_every_word_the_scripts_ask_for_exists() -> None:
    known = texts("chat_page")
    scripts = "".join(path.read_text("utf-8") for path in STATIC_DIR.glob("*.js"))
    asked = set(re.findall(r"""\b(?:say|list)\(["'](\w+)["']""", scripts))
    assert asked and asked <= set(known)


async def bytes_of(http: Any, path: str) -> int:
    """Return the bytes of an answer as they go over the line."""
    async with http.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as response:
        assert response.status_code == 200, path
        assert response.headers["content-encoding"] == "gzip", path
        return sum([len(part) async for part in response.aiter_raw()])


async def test_the_widget_stays_small(running: Any, capsys: Any) -> None:
    """Script, page in its frame and everything that page loads: under 40 kB."""
    async with running.http() as http:
        page = (await http.get("/chat/embed")).text
        parts = set(re.findall(r'(?:href|src)="(/chat/[^"#]+)"', page)) | {"/chat/assets/mark.svg"}
        sizes = {path: await bytes_of(http, path) for path in {"/widget.js", "/chat/embed", *parts}}
    assert {f"/chat/assets/{name}" for name in ASSETS if name.endswith(".js")} <= set(sizes)
    total = sum(sizes.values())
    with capsys.disabled():
        sys.stdout.write(f"\nwidget {sizes['/widget.js']} bytes, opened {total} bytes (gzip)\n")
    assert total < 40_000


@pytest.mark.parametrize(
    ("wanted", "chosen", "lang"),
    [
        ("zh-CN,zh;q=0.9", "", "zh-Hans"),
        ("zh-TW,zh;q=0.9,en;q=0.8", "", "zh-Hant"),
        ("en;q=0.9,zh-HK;q=0.5", "", "zh-Hant"),
        ("zh-Hant-TW;q=0.4, zh-CN;q=0.8", "", "zh-Hans"),
        ("zh-TW;q=0", "", "zh-Hans"),
        ("zh-TW;q=x, \ud800", "", "zh-Hans"),
        ("", "", "zh-Hans"),
        ("zh-TW", "zh-Hans", "zh-Hans"),
        ("zh-CN", "zh-Hant", "zh-Hant"),
        ("zh-CN", "en", "zh-Hans"),
    ],
)
def test_the_script_is_the_browsers_or_the_one_chosen(wanted: str, chosen: str, lang: str) -> None:
    assert script_wanted(wanted, chosen) == lang


async def test_page_texts_and_widget_come_in_traditional_from_the_one_catalogue(
    running: Any,
) -> None:
    async with running.http(**{"Accept-Language": "zh-TW"}) as http:
        page = (await http.get("/")).text
        content = (await http.get("/chat/texts.json")).json()
        widget = (await http.get("/widget.js")).text
        simplified = (await http.get("/chat/texts.json?lang=zh-Hans")).json()
    assert '<html lang="zh-Hant">' in page and "雲棲置業" in page
    assert content["texts"]["send"] == "發送"
    assert content["company"]["name"] == "雲棲置業服務有限公司"
    assert simplified["texts"] == dict(texts("chat_page"))
    assert set(content["texts"]) == set(simplified["texts"])
    assert words_of(widget)["launcher"] == "在線客服" and words_of(widget)["lang"] == "zh-Hant"


def cookie_of(response: Any) -> list[str]:
    return [part.strip() for part in response.headers["set-cookie"].split(";")]


async def test_page_gives_the_browser_a_secret_out_of_reach_of_scripts(running: Any) -> None:
    async with running.http() as client:
        first = cookie_of(await client.get("/"))
        again = cookie_of(await client.get("/"))
        frame = cookie_of(await client.get("/chat/embed"))
    name, _, secret = first[0].partition("=")
    assert (name, len(secret)) == ("kefu_visitor", 43)
    assert first[1:] == ["Max-Age=15552000", "Path=/", "HttpOnly", "SameSite=Lax"]
    assert again == first
    assert frame[0].startswith("kefu_widget=")
    assert secret not in frame[0]


async def test_behind_tls_the_frame_keeps_its_cookie_apart_for_each_site(running: Any) -> None:
    async with running.http(**{"X-Forwarded-Proto": "https"}) as client:
        running.desk.settings.secure_cookies = True
        page = cookie_of(await client.get("/"))
        frame = cookie_of(await client.get("/chat/embed"))
    assert page[0].startswith("__Host-kefu_visitor=")
    assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(page)
    assert frame[0].startswith("__Host-kefu_widget=")
    assert {"Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/"} <= set(frame)


async def test_a_token_copied_to_another_browser_opens_nothing(running: Any) -> None:
    async with tab(running, browser="mine") as one:
        welcome = await greeted(one)
    async with tab(running, browser="mine") as one:
        assert (await one.hello(welcome["token"]))["conversation_id"] == welcome["conversation_id"]
    for browser in ("another", None):
        async with tab(running, browser=browser) as one:
            await one.send(type="hello", token=welcome["token"], last_seq=0, source="web")
            assert (await one.wait("error"))["code"] == "conversation_not_found"
            assert one.texts() == []


async def test_a_conversation_of_before_is_bound_when_its_browser_returns(running: Any) -> None:
    async with tab(running) as one:
        welcome = await greeted(one)
    async with tab(running, browser="mine") as one:
        await one.hello(welcome["token"])
    async with tab(running, browser="another") as one:
        await one.send(type="hello", token=welcome["token"], last_seq=0, source="web")
        assert (await one.wait("error"))["code"] == "conversation_not_found"
