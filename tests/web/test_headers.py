"""Headers and cookies of every answer; and of production, where a real server is asked (P14)."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from flask import Flask

from alko.demo.everything import Everything
from tests.portal import Page, Portal
from tests.serving import run, served
from tests.web.addresses import answering

ONE_YEAR = 365 * 24 * 60 * 60


def every_page(app: Flask, portal: Portal) -> Iterator[Page]:
    for one in answering(app, "GET"):
        yield portal.get(one.path, follow=False)
    for path in ("/nothing", "/my-data/nothing", "/static/0/css/base.css"):
        yield portal.get(path, follow=False)
    yield portal.post("/account/sign-in", {"email": "x"}, token=False)
    yield portal.post("/account/sign-in", {"email": "x"})
    yield portal.post("/", {})


@pytest.mark.promise("P8")
def test_the_content_security_policy_allows_ourselves_only(app: Flask, client: Portal) -> None:
    for page in every_page(app, client):
        policy = page.headers["Content-Security-Policy"]
        directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
        assert directives["default-src"] == "'none'", page
        for name in ("base-uri", "form-action", "frame-ancestors"):
            assert directives[name] in ("'self'", "'none'"), page
        for name, sources in directives.items():
            assert sources in ("'self'", "'none'") or "'nonce-" in sources, (page, name)
        assert "unsafe" not in policy
        assert "*" not in policy
        assert "http" not in policy


def test_no_answer_is_sniffed_framed_or_referred(app: Flask, client: Portal) -> None:
    for page in every_page(app, client):
        assert page.headers["X-Content-Type-Options"] == "nosniff", page
        assert page.headers["X-Frame-Options"] == "DENY", page
        assert page.headers["Referrer-Policy"] == "same-origin", page
        assert page.headers["Cross-Origin-Opener-Policy"] == "same-origin", page
        assert page.headers["Cross-Origin-Resource-Policy"] == "same-origin", page
        assert "camera=()" in page.headers["Permissions-Policy"], page
        assert page.headers.get("Content-Type") or not page.data, page
        assert "Python" not in page.headers.get("Server", ""), page
        assert "X-Powered-By" not in page.headers, page


@pytest.mark.promise("P14", "P17")
def test_pages_are_not_stored_and_vary(app: Flask, client: Portal) -> None:
    for page in every_page(app, client):
        if page.address.startswith("/static/"):
            continue
        assert "HX-Request" in page.headers["Vary"], page
        if page.content_type == "text/html":
            assert page.headers["Cache-Control"] == "no-store", page
        assert "public" not in page.headers["Cache-Control"] or not page.html.count("@"), page


def test_a_fragment_is_not_stored_either(client: Portal) -> None:
    client.get("/my-data/contact")
    page = client.htmx("/my-data/contact")
    assert page.headers["Cache-Control"] == "no-store"
    assert "<html" not in page.html
    assert "<html" in client.htmx("/my-data/contact", HX_Boosted="true").html
    assert "<html" in client.htmx("/my-data/contact", HX_History_Restore_Request="true").html


@pytest.mark.promise("P5")
def test_cookies_are_closed_to_scripts_and_other_sites(app: Flask, someone: Everything) -> None:
    portal = Portal(app)
    portal.get("/account/sign-in")
    page = portal.submit(
        "/account/sign-in",
        email=someone.person.contact.email,
        password=someone.person.password,
        remember=True,
        follow=False,
    )
    cookies = page.headers.getlist("Set-Cookie")
    names = {cookie.partition("=")[0] for cookie in cookies}
    assert names == {"alko_session", "alko_remember", "alko_device"}
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Domain" not in cookie
        assert someone.person.contact.email not in cookie


@pytest.mark.promise("P5")
@pytest.mark.parametrize("path", ["/", "/privacy", "/privacy/cookies", "/privacy/promises"])
def test_reading_sets_no_cookie(portal: Portal, path: str) -> None:
    assert portal.get(path).headers.getlist("Set-Cookie") == []


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: str

    @property
    def cookies(self) -> list[str]:
        return self.headers.get_all("Set-Cookie") or []


@dataclass
class Production:
    """A portal with production settings behind a proxy that ends TLS, as a client meets it."""

    address: str

    def ask(
        self,
        method: str,
        path: str,
        *,
        https: bool = True,
        body: str | None = None,
        cookie: str = "",
    ) -> Answer:
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc)
        headers = {
            "Host": "privacy.example",
            "X-Forwarded-Proto": "https" if https else "http",
            "X-Forwarded-For": "203.0.113.9",
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Referer"] = headers["Origin"] = "https://privacy.example"
        if cookie:
            headers["Cookie"] = cookie
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read().decode())
        connection.close()
        return answer


@pytest.fixture(scope="module")
def production(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    settings = app.config["ALKO"]
    folder = tmp_path_factory.mktemp("production")
    environment = {
        "ALKO_ENV": "production",
        "ALKO_INSTANCE": str(folder / "instance"),
        "ALKO_SECRET_KEY": "0aY3" * 12,
        "ALKO_BLIND_INDEX_KEY": "9bX4" * 12,
        "ALKO_BASE_URL": "https://privacy.example",
        "ALKO_TRUSTED_PROXIES": "1",
        "SMTP_URL": "smtps://user:password@mail.example",
        "ALKO_BACKUP_RECIPIENT": "age19awxqfcanchxduq2dw5a2rqk4fd3g85l0lcluarzgh5s0pd2ssesan80q4",
        "MONGODB_URI": settings.mongodb_uri,
        "ALKO_DATABASE": f"{settings.database}_production",
        "ALKO_KEY_VAULT_DATABASE": f"{settings.database}_production_keys",
    }
    gunicorn = ["gunicorn", "wsgi:app", "--bind", "127.0.0.1:{port}", "--no-control-socket"]
    # What the release step of the Procfile does: it prepares the database.
    run(["flask", "--app", "wsgi", "ledger", "verify"], environment)
    with served(gunicorn, environment, folder) as address:
        yield Production(address)


@pytest.mark.promise("P14")
class TestProduction:
    def test_browsers_are_told_to_stay_with_tls(self, production: Production) -> None:
        for path in ("/healthz", "/account/sign-in", "/nothing"):
            value = production.ask("GET", path).headers["Strict-Transport-Security"]
            age = re.search(r"max-age=(\d+)", value)
            assert age and int(age[1]) >= ONE_YEAR, path
            assert "includeSubDomains" in value, path

    def test_a_page_asked_for_in_clear_is_sent_to_https(self, production: Production) -> None:
        answer = production.ask("GET", "/account/sign-in", https=False)
        assert answer.status in (301, 302, 303, 307, 308)
        assert answer.headers["Location"] == "https://privacy.example/account/sign-in"
        assert answer.cookies == []

    @pytest.mark.parametrize("path", ["/account/sign-in", "/account/register", "/account/sign-out"])
    def test_a_form_sent_in_clear_is_refused_and_not_repeated(
        self, production: Production, path: str
    ) -> None:
        body = "email=ileana%40example.test&password=secret-word"
        answer = production.ask("POST", path, https=False, body=body)
        assert answer.status == 403
        assert "Location" not in answer.headers
        assert "ileana" not in answer.body
        assert answer.cookies == []

    def test_cookies_travel_over_tls_only_and_for_this_host_only(
        self, production: Production
    ) -> None:
        cookies = production.ask("GET", "/account/sign-in").cookies
        assert cookies
        for cookie in cookies:
            assert cookie.startswith("__Host-alko_"), cookie
            for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
                assert flag in cookie, cookie
            assert "Domain" not in cookie

    def test_there_is_no_demo(self, production: Production) -> None:
        assert production.ask("GET", "/demo/mailbox").status == 404

    def test_a_form_works_over_tls(self, production: Production) -> None:
        page = production.ask("GET", "/account/sign-in")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.body)
        assert token
        cookie = page.cookies[0].partition(";")[0]
        body = f"csrf_token={token[1]}&email=nobody%40example.test&password=wrong-password"
        answer = production.ask("POST", "/account/sign-in", body=body, cookie=cookie)
        assert answer.status == 422
        assert "wrong" in answer.body
