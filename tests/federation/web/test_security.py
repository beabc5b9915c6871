"""Which posts are ours, where a login may lead, and what every answer carries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.web.security import POLICY, add_headers, is_ours, local_path

HERE = "https://pollekes.example"


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-site", "Origin": HERE}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": HERE}, False),
        ({"Sec-Fetch-Site": ""}, False),
        ({"Origin": HERE}, True),
        ({"Origin": "https://pollekes.example.evil"}, False),
        ({"Origin": "http://pollekes.example"}, False),
        ({"Origin": "https://pollekes.example:8443"}, False),
        ({"Origin": "null"}, False),
        ({}, False),
    ],
)
def test_a_post_is_ours_when_the_browser_says_so(headers: dict[str, str], ours: bool) -> None:
    assert is_ours("POST", headers, HERE + "/pages") is ours


def test_reading_is_for_everybody() -> None:
    assert is_ours("GET", {"Sec-Fetch-Site": "cross-site"}, HERE)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/posts/5?a=b", "/posts/5?a=b"),
        ("", "/"),
        ("posts", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("/a b", "/"),
        ("/" + "a" * 500, "/"),
    ],
)
def test_a_login_leads_to_a_page_of_ours(text: str, path: str) -> None:
    assert local_path(text) == path


@given(st.text(max_size=40))
def test_no_text_leads_elsewhere(text: str) -> None:
    path = local_path("/" + text)

    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))
    assert "\n" not in path


def test_the_policy_allows_nothing_inline_and_nobody_else() -> None:
    assert "unsafe" not in POLICY
    assert "http" not in POLICY
    assert POLICY.startswith("default-src 'none'")


def test_what_a_handler_says_about_caching_stays() -> None:
    headers = {"Cache-Control": "public"}

    add_headers(headers, https=True)

    assert headers["Cache-Control"] == "public"
    assert headers["Strict-Transport-Security"].startswith("max-age=")
    assert headers["X-Content-Type-Options"] == "nosniff"
