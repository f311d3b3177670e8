"""Other processes of the portal, as gunicorn's workers are: connected to the same database."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from alko.database import connection
from config import Settings


def another_process(settings: Settings, count: int = 1) -> ProcessPoolExecutor:
    """``count`` fresh processes (spawned, not forked), each with a connection of its own."""
    return ProcessPoolExecutor(
        count,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=connection.connect,
        initargs=(settings,),
    )


def in_another_process(settings: Settings, task: Callable[..., Any], *args: Any) -> Any:
    """The result of ``task(*args)`` in a fresh process; ``task`` is a module's function."""
    with another_process(settings) as pool:
        return pool.submit(task, *args).result()
