"""The pace of a source: between requests, between processes, and when it wants to rest. Nothing here sleeps."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from pipeline.errors import SourceBusy
from pipeline.sources.pace import LONGEST_REST, WAITS, Throttled
from store.records import now
from tests.sources.arxiv_desk import Desk
from tests.sources.arxiv_server import CAPTCHA, ArxivServer, Behaviour, answer, status


def test_three_seconds_lie_between_any_two_requests_of_one_folder(server: ArxivServer, desk: Desk) -> None:
    desk.pdf("2601.00001")  # a client of its own
    assert desk.clock.slept == [3.0]
    desk.clock.time += 1
    desk.look_up("2601.00001")  # and another one
    assert desk.clock.slept == [3.0, 2.0]
    desk.clock.time += 10
    desk.look_up("2601.00001")
    assert desk.clock.slept == [3.0, 2.0]


def test_another_process_keeps_the_pace_too(desk: Desk) -> None:
    ask_there = (
        "import sys; from pipeline.sources.pace import Pace; from store.files import Home\n"
        "Pace(Home(sys.argv[1]), 'arXiv', 3.0, clock=lambda: float(sys.argv[2])).ask(int)"
    )
    subprocess.run([sys.executable, "-c", ask_there, str(desk.home.path), str(desk.clock.time)], check=True)
    desk.look_up("2601.00001")
    assert desk.clock.slept == [3.0]


def test_only_one_asks_at_a_time(desk: Desk) -> None:
    inside, leave, order = threading.Event(), threading.Event(), list[str]()

    def first() -> None:
        inside.set()
        assert leave.wait(30)
        order.append("first")

    one = threading.Thread(target=desk.pace().ask, args=(first,))
    two = threading.Thread(target=desk.pace().ask, args=(lambda: order.append("second"),))
    one.start()
    assert inside.wait(30)
    two.start()
    leave.set()
    one.join(30)
    two.join(30)
    assert order == ["first", "second"]


@pytest.mark.parametrize("behaviour", [status(429), status(503), status(406), answer(CAPTCHA, "text/html")])
def test_a_busy_arxiv_is_asked_again_after_long_waits_then_given_up(
    server: ArxivServer, desk: Desk, behaviour: Behaviour
) -> None:
    server.always = behaviour
    with pytest.raises(SourceBusy) as caught:
        desk.look_up("2601.00001")
    assert desk.clock.slept == list(WAITS)
    assert len(server.asked) == 3
    assert (caught.value.gave_up, caught.value.retryable) == (True, False)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.gave_up, again.retryable, str(again)) == (True, False, str(caught.value))
    assert [f"in {wait:.0f} s" in told for wait, told in zip(WAITS, desk.told, strict=True)] == [True, True]
    server.always = None
    assert desk.look_up("2601.00001")[0], "the next command may ask again"


def test_retry_after_is_honoured(server: ArxivServer, desk: Desk) -> None:
    date = format_datetime(now() + timedelta(seconds=100), usegmt=True)
    server.next(status(429, retry_after="7"), status(503, retry_after=date))
    assert desk.look_up("2601.00001")[0]
    assert desk.clock.slept[0] == 7
    assert 95 < desk.clock.slept[1] <= 100


@pytest.mark.parametrize("nonsense", ["soon", "-5", "", "99:99"])
def test_a_senseless_retry_after_is_none(server: ArxivServer, desk: Desk, nonsense: str) -> None:
    server.next(status(429, retry_after=nonsense))
    assert desk.look_up("2601.00001")[0]
    assert desk.clock.slept == [WAITS[0]]


def test_where_arxiv_wants_a_long_rest_nobody_asks_until_it_is_over(server: ArxivServer, desk: Desk) -> None:
    server.next(status(429, retry_after="1800"))
    with pytest.raises(SourceBusy, match="30 minutes") as caught:
        desk.look_up("2601.00001")
    assert caught.value.gave_up
    with pytest.raises(SourceBusy, match="left in peace until"):
        desk.look_up("2601.00001")
    assert (len(server.asked), desk.clock.slept) == (1, [])
    desk.clock.time += 1801
    assert desk.look_up("2601.00001")[0]


def test_no_rest_is_longer_than_an_hour_and_no_clock_set_back_blocks(server: ArxivServer, desk: Desk) -> None:
    server.next(status(429, retry_after="999999999"))
    with pytest.raises(SourceBusy):
        desk.look_up("2601.00001")
    desk.clock.time += LONGEST_REST
    assert desk.look_up("2601.00001")[0]
    desk.clock.time -= 10 * LONGEST_REST
    assert desk.look_up("2601.00001")[0]


def test_a_damaged_note_is_no_note(desk: Desk, tmp_path: Path) -> None:
    (desk.home.locks / "arXiv.next").write_text("not a time")
    assert desk.look_up("2601.00001")[0]


def test_other_errors_pass_at_once(desk: Desk) -> None:
    def broken() -> None:
        raise SourceBusy("No connection.")

    with pytest.raises(SourceBusy) as caught:
        desk.pace().ask(broken)
    assert not isinstance(caught.value, Throttled)
    assert desk.clock.slept == []
