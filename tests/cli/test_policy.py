"""``policy publish`` puts the software's text into force, once per version."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from alko.models import Campaign, PolicyVersion
from alko.policy import store, text


@pytest.fixture(autouse=True)
def only_the_first_version(app: Flask) -> Iterator[None]:
    yield
    PolicyVersion.objects(version__ne=store.FIRST_VERSION).delete()
    Campaign.objects.delete()


@pytest.mark.promise("P37")
def test_the_present_text_comes_into_force(app: Flask) -> None:
    store.publish("2040-01", "Old.", store.FIRST_DATE, store.FIRST_DATE, ["# Other words"])
    assert store.is_drifted()
    run = app.test_cli_runner().invoke
    done = run(args=["policy", "publish", "2040-02", "--summary", "Clearer words."])
    assert done.exit_code == 0, done.output
    assert store.current().lines == text.lines()
    assert not store.is_drifted()
    again = run(args=["policy", "publish", "2040-02", "--summary", "Clearer words."])
    assert again.exit_code == 1
    assert "published already" in again.stderr


def test_a_version_needs_year_and_month(app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=["policy", "publish", "soon", "--summary", "New."])
    assert done.exit_code == 1
    assert "year and month" in done.stderr
