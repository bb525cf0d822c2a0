"""The customer's page over HTTP: headers, texts, assets, widget."""

import json
import re
from typing import Any

import pytest

from desk.locale import texts
from desk.web.chat_page import ASSETS, STATIC_DIR

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
    found = re.search(r"const TEXTS = (\{.*?\});", response.text)
    assert found and json.loads(found[1])["launcher"] == "在线客服"


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
