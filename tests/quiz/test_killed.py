"""Server processes killed, stopped and starved while learners answer: nothing acknowledged is lost or doubled."""

from __future__ import annotations

import signal
import sqlite3
import threading
import time
from contextlib import closing

import pytest
from running import Browser, fields, hosts, load, lost, more_answers, odd, serving

from quiz import db
from quiz.db import embedded_url


@pytest.fixture(scope="module")
def folder(tmp_path_factory, empty_file):
    """The data of a site: what one test leaves the next goes on with, since to begin with nothing takes longest."""
    folder = tmp_path_factory.mktemp("killed")
    (folder / db.DATABASE_FILE).write_bytes(empty_file.read_bytes())
    return folder


def test_no_acknowledged_answer_is_lost_when_processes_are_killed(folder):
    """`make bench` does it fifty times, on each database."""
    with serving(folder) as server, load(server.port) as learners:
        for what in (server.kill_worker, server.kill_worker, server.kill):
            more_answers(learners, 10)
            what()
        server.start()
        more_answers(learners, 10)
    engine = db.make_engine(embedded_url(str(folder)))
    assert (odd(learners), lost(engine, learners)) == ([], [])
    engine.dispose()


def test_of_two_hosts_on_one_database_one_is_killed_and_the_other_goes_on(folder, emptied):
    """They start at once on an empty database, and learners are sent to either. `make bench` does more of it."""
    address = emptied.url.render_as_string(hide_password=False)
    with hosts(folder, 2, QIMMA_DATABASE_URL=address) as (one, other), load(one.port, other.port) as learners:
        started = "".join(host.log.read_text() for host in (one, other))
        more_answers(learners, 10)
        one.kill_worker()
        more_answers(learners, 10)
        one.kill()
        more_answers(learners, 20)
    assert started.count("Instructor, sign in once with") == 1
    assert (odd(learners), lost(emptied, learners)) == ([], [])


def test_a_request_that_runs_is_answered_when_the_site_is_told_to_stop(folder):
    with serving(folder) as server:
        browser = Browser(server.port)
        home = browser.ask("GET", "/").text
        action = "/banks/talks-2021-12-07/quiz"
        replies = []
        with closing(sqlite3.connect(folder / db.DATABASE_FILE, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")  # the form has to wait for it
            waits = threading.Thread(target=lambda: replies.append(browser.ask("POST", action, **fields(home, action))))
            waits.start()
            time.sleep(0.5)
            server.signal(signal.SIGTERM)
            time.sleep(0.5)
            other.execute("ROLLBACK")
        waits.join(20)
        assert (replies[0].status, replies[0].location.startswith("/sittings/")) == (303, True)
        assert server.process.wait(20) == 0
