"""A worker of letters as a process of its own, forked from one that has read the code already: fifty of them start in no time."""

import multiprocessing
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess

from flask.cli import FlaskGroup

from app import create_app

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload([__name__])


def _work(environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    sys.stderr = open(os.devnull, "w")  # noqa: SIM115  (until the process ends)
    FlaskGroup(create_app=create_app).main(["jobs", "work"])


@contextmanager
def worker_of(environment: dict[str, str]) -> Iterator[BaseProcess]:
    """Run `flask jobs work`, killed at the end of the block if nobody did before."""
    process = _forks.Process(target=_work, args=(environment,))
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()
