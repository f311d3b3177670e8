"""Settings: secure by default, and a refusal that names everything at fault."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest

import config
from alko import completed, create_app
from config import ConfigurationError, Settings
from tests.serving import ROOT

GOOD = {
    "ALKO_ENV": "production",
    "ALKO_SECRET_KEY": "kq8T" * 11,
    "ALKO_BLIND_INDEX_KEY": "Zr4w" * 11,
    "ALKO_BASE_URL": "https://privacy.example",
    "SMTP_URL": "smtps://user:word@mail.example",
    "ALKO_BACKUP_RECIPIENT": "age19awxqfcanchxduq2dw5a2rqk4fd3g85l0lcluarzgh5s0pd2ssesan80q4",
    "ALKO_INSTANCE": "/nonexistent/alko",
}


def problems(**changes: str | None) -> list[str]:
    """What is wrong with a good production environment after these changes (None: removed)."""
    env = {**GOOD, **{name: value for name, value in changes.items() if value is not None}}
    for name in [name for name, value in changes.items() if value is None]:
        env.pop(name, None)
    return config.load(env).problems()


def test_a_good_production_environment_starts() -> None:
    assert problems() == []


def test_nothing_set_means_production_and_names_all_that_is_missing() -> None:
    with pytest.raises(ConfigurationError) as refusal:
        config.load({}).check()
    message = str(refusal.value)
    assert "\n" not in message
    for name in ("ALKO_SECRET_KEY", "ALKO_BLIND_INDEX_KEY", "ALKO_BASE_URL", "SMTP_URL"):
        assert name in message


@pytest.mark.parametrize("name", ["ALKO_SECRET_KEY", "ALKO_BLIND_INDEX_KEY"])
@pytest.mark.parametrize(
    "secret",
    [
        None,
        "",
        "x9",
        "x" * 31,
        "demo-secret-which-is-long-enough-for-all",
        "CHANGEME" * 5,
        "a-Secret-of-more-than-thirty-two-characters",
        "password" * 5,
        "this is for development only, isn't it now",
    ],
)
def test_a_missing_short_or_demo_secret_is_refused(name: str, secret: str | None) -> None:
    (problem,) = problems(**{name: secret})
    assert problem.startswith(name)
    assert not secret or secret not in problem, "a secret is not repeated"


def test_equal_secrets_are_refused() -> None:
    (problem,) = problems(ALKO_BLIND_INDEX_KEY=GOOD["ALKO_SECRET_KEY"])
    assert "ALKO_SECRET_KEY and ALKO_BLIND_INDEX_KEY are equal" in problem


@pytest.mark.promise("P14")
@pytest.mark.parametrize("url", [None, "", "http://privacy.example", "privacy.example"])
def test_a_public_address_without_tls_is_refused(url: str | None) -> None:
    (problem,) = problems(ALKO_BASE_URL=url)
    assert "ALKO_BASE_URL" in problem


@pytest.mark.promise("P14")
@pytest.mark.parametrize(
    "url", [None, "", "smtp://mail.example", "mail.example:25", "http://mail.example"]
)
def test_mail_without_tls_is_refused(url: str | None) -> None:
    (problem,) = problems(SMTP_URL=url)
    assert problem.startswith("SMTP_URL")


@pytest.mark.promise("P14")
@pytest.mark.parametrize("url", ["smtps://mail.example", "smtp+starttls://mail.example:587"])
def test_mail_with_tls_starts(url: str) -> None:
    assert problems(SMTP_URL=url) == []


@pytest.mark.promise("P14")
@pytest.mark.parametrize(
    "uri",
    [
        "mongodb://db.example/",
        "mongodb://db.example/?tls=false",
        "mongodb+srv://db.example/?tls=false",
        "mongodb://127.0.0.1,db.example/",
        "mongodb://user:localhost@db.example/",
        "mongodb://localhost.evil.example/",
    ],
)
def test_a_database_elsewhere_without_tls_is_refused(uri: str) -> None:
    (problem,) = problems(MONGODB_URI=uri)
    assert problem.startswith("MONGODB_URI")
    assert uri not in problem


@pytest.mark.promise("P14")
@pytest.mark.parametrize(
    "uri",
    [
        "mongodb+srv://db.example/",
        "mongodb://db1.example,db2.example/?replicaSet=rs&tls=true",
        "mongodb://db.example/?ssl=true",
        "mongodb://user:word@127.0.0.1:27017/?replicaSet=rs",
    ],
)
def test_a_database_with_tls_or_on_this_machine_starts(uri: str) -> None:
    assert problems(MONGODB_URI=uri) == []


@pytest.mark.promise("P18")
@pytest.mark.parametrize("given", [None, "age1", "AGE-SECRET-KEY-1{}".format("Q" * 58)])
def test_backups_need_a_public_key_to_be_encrypted_to(given: str | None) -> None:
    (problem,) = problems(ALKO_BACKUP_RECIPIENT=given)
    assert "ALKO_BACKUP_RECIPIENT" in problem and "Q" * 58 not in problem


def test_demo_data_never_becomes_production(tmp_path: Path) -> None:
    assert "demo" in problems(ALKO_DEMO="1")[0]
    (tmp_path / "demo").touch()
    (problem,) = problems(ALKO_INSTANCE=str(tmp_path))
    assert "holds demo data" in problem


@pytest.mark.parametrize("name", ["", "prod", "Production", "test", "dev"])
def test_an_environment_that_is_neither_is_refused(name: str) -> None:
    (problem,) = problems(ALKO_ENV=name)
    assert problem.startswith("ALKO_ENV")


@pytest.mark.parametrize("name", ["PORT", "WEB_CONCURRENCY", "ALKO_TRUSTED_PROXIES"])
def test_what_must_be_a_number_is_one(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name} is 'many'"):
        config.load({**GOOD, name: "many"})


def test_the_application_does_not_start_with_problems(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="ALKO_SECRET_KEY is missing"):
        create_app(config.load({**GOOD, "ALKO_SECRET_KEY": "", "ALKO_INSTANCE": str(tmp_path)}))
    assert list(tmp_path.iterdir()) == [], "nothing was written"


def test_production_makes_no_secret_of_its_own(tmp_path: Path) -> None:
    settings = config.load({**GOOD, "ALKO_INSTANCE": str(tmp_path)})
    assert completed(settings) == settings
    assert list(tmp_path.iterdir()) == []


def test_development_makes_secrets_once_and_keeps_them_to_itself(tmp_path: Path) -> None:
    settings = config.load({"ALKO_ENV": "development", "ALKO_INSTANCE": str(tmp_path)})
    first, second = completed(settings), completed(settings)
    assert first == second
    assert first.secret_key != first.blind_index_key
    assert min(len(first.secret_key), len(first.blind_index_key)) >= config.MINIMUM_SECRET_LENGTH
    for path in (tmp_path / "secrets").iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


def test_no_secret_shows_in_a_printed_setting() -> None:
    settings = config.load(
        {
            **GOOD,
            "MONGODB_URI": "mongodb://u:db-word@127.0.0.1",
            "CLOUDINARY_URL": "cloudinary://key:cloud-word@x",
            "ALKO_METRICS_TOKEN": "metrics-word",
        }
    )
    printed = repr(settings)
    for secret in ("kq8T", "Zr4w", ":word@", "db-word", "cloud-word", "metrics-word"):
        assert secret not in printed


def test_an_operators_facts_are_empty_until_given() -> None:
    assert config.load({}).controller.address == config.NOT_PROVIDED
    given = config.load({"ALKO_CONTROLLER_ADDRESS": "1 Quay Road"}).controller
    assert given.address == "1 Quay Road"


def test_every_documented_default_is_safe() -> None:
    settings = Settings()
    assert settings.production
    assert settings.host == "127.0.0.1"
    assert settings.trusted_proxies == 0, "no proxy is believed unless it is named"
    assert settings.key_cache <= timedelta(seconds=10), "destroyed keys are forgotten in seconds"
    assert dataclasses.replace(settings, base_url="https://x").flask()["SESSION_COOKIE_SECURE"]


def test_the_procfile_names_what_a_platform_starts() -> None:
    lines = dict(
        line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines() if line
    )
    assert lines.keys() == {"web", "worker", "release"}
    assert lines["web"].startswith("gunicorn wsgi:app ")
    assert lines["worker"] == "flask --app wsgi worker"


def test_working_days_are_named_and_monday_to_friday_unless_told() -> None:
    assert config.load({}).working_weekdays == set(range(5))
    assert config.load({"ALKO_WORKING_DAYS": "Sat, sun"}).working_weekdays == {5, 6}
    with pytest.raises(ConfigurationError, match="ALKO_WORKING_DAYS"):
        config.load({"ALKO_WORKING_DAYS": "mon-fri"})
