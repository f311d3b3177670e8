"""Leases: one worker at a time, and none for ever."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from flask import Flask

from alko.models.housekeeping import Lease
from alko.privacy import leases

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def job(app: Flask) -> str:
    return f"test {ObjectId()}"


def stored(job: str) -> Lease:
    return Lease.objects.get(job=job)


def test_whoever_comes_second_must_wait_until_the_first_is_done(job: str) -> None:
    with leases.held(job, 60) as first:
        with leases.held(job, 60) as second:
            assert (first, second) == (True, False)
        with leases.held(job, 60) as third:
            assert third is False, "the refused one must not have ended the first one's lease"
    with leases.held(job, 60) as fourth:
        assert fourth is True


def test_of_many_at_once_one_gets_it(job: str) -> None:
    ready, done = threading.Barrier(8), threading.Barrier(8)

    def take(_: int) -> bool:
        ready.wait()
        with leases.held(job, 60) as mine:
            done.wait()
            return mine

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(8))) == 1


def test_a_crashed_holder_loses_it_when_its_time_is_over(job: str) -> None:
    lost = leases.held(job, 60)
    assert lost.__enter__() is True  # and never left: its process is gone
    with leases.held(job, 60) as mine:
        assert mine is False

    past = datetime.now(UTC) - timedelta(seconds=1)
    Lease.objects(job=job).update(set__until=past)
    with leases.held(job, 60) as mine:
        assert mine is True


def test_one_that_comes_back_late_does_not_end_its_successors_lease(job: str) -> None:
    with leases.held(job, 0):
        successor = leases.held(job, 60)
        assert successor.__enter__() is True
    with leases.held(job, 60) as third:
        assert third is False


def test_only_success_is_noted_as_such(job: str) -> None:
    with pytest.raises(ZeroDivisionError), leases.held(job, 60):
        raise ZeroDivisionError
    assert stored(job).last_success is None

    with leases.held(job, 60) as mine:
        assert mine is True, "a job that failed may be tried again at once"
    assert stored(job).last_success is not None
