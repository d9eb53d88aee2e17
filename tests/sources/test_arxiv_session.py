"""arXiv's bad days: each is told apart, none is taken for an answer, and nothing half is kept."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from pipeline.errors import ReadingError, SourceBusy, SourceError, UnknownPaper
from pipeline.sources.arxiv.session import ArxivSession
from store.errors import RazborError
from tests.sources.arxiv_desk import Desk
from tests.sources.arxiv_server import (
    CAPTCHA,
    PDF,
    ArxivServer,
    Behaviour,
    answer,
    endless,
    feed,
    half,
    redirect,
    status,
    unmeasured,
)

FEED, BODY = feed("", 0), b"%PDF-1.7 a paper %%EOF"


@pytest.mark.parametrize(
    ("behaviour", "error", "said"),
    [
        (status(429), SourceBusy, "answers 429"),
        (status(503), SourceBusy, "answers 503"),
        (status(406), SourceBusy, "answers 406"),
        (status(500), SourceBusy, "answers 500"),
        (answer(CAPTCHA, "text/html"), SourceBusy, "captcha"),
        (answer(CAPTCHA, "application/atom+xml"), SourceBusy, "captcha"),
        (answer(b"<html>Under maintenance</html>", "text/html"), SourceError, "web page"),
        (answer(b"<html>Forbidden</html>", "text/html", 403), SourceError, "status 403"),
        (answer(b"garbage", "application/xml"), SourceError, "something else"),
        (answer(b'{"a": 1}', "application/json"), SourceError, "something else"),
        (answer(b""), SourceError, "something else"),
        (half(FEED), SourceBusy, "broke off"),
        (unmeasured(FEED[:-20]), SourceBusy, "broke off in the middle"),
        (redirect("http://127.0.0.1.example.org/login"), SourceError, "another host, 127.0.0.1.example.org"),
        (redirect("/api/query?again"), SourceError, "circle"),
    ],
)
def test_bad_days_of_the_api(
    server: ArxivServer, desk: Desk, behaviour: Behaviour, error: type[RazborError], said: str
) -> None:
    server.always = behaviour
    with pytest.raises(error, match=said) as caught:
        desk.search(words="judge")
    assert type(caught.value) is error
    assert caught.value.mend


@pytest.mark.parametrize(
    ("behaviour", "error", "said"),
    [
        (status(429), SourceBusy, "answers 429"),
        (answer(CAPTCHA, "text/html"), SourceBusy, "captcha"),
        (answer(b"<html>Being made</html>", "text/html"), SourceError, "web page"),
        (answer(b"just text", PDF), SourceError, "not a PDF"),
        (answer(b"just text", "text/plain"), SourceError, "not a PDF"),
        (half(BODY, PDF), SourceBusy, "broke off"),
        (unmeasured(BODY[:-5], PDF), SourceBusy, "broke off"),
        (answer(BODY + b"0" * 2**21, PDF), ReadingError, "larger than 1 MiB"),
        (redirect("https://login.example.org/"), SourceError, "another host"),
        (status(404), UnknownPaper, "no PDF"),
    ],
)
def test_bad_days_of_the_pdf_host(
    server: ArxivServer, tmp_path: Path, behaviour: Behaviour, error: type[RazborError], said: str
) -> None:
    desk = Desk(server, tmp_path, read_bytes=1)
    ((paper,), _) = desk.look_up("2601.00001")
    server.always = behaviour
    with desk.open() as source, pytest.raises(error, match=said) as caught:
        source.pdf(paper)
    assert type(caught.value) is error
    assert caught.value.mend
    assert not list((tmp_path / "home" / "pdfs").iterdir()), "nothing half is kept"


@pytest.mark.parametrize("behaviour", [answer(BODY, "application/octet-stream"), unmeasured(BODY, PDF)])
def test_a_whole_pdf_is_one_whatever_its_head_says(server: ArxivServer, desk: Desk, behaviour: Behaviour) -> None:
    server.next(server.api({"id_list": "2601.00001", "start": "0", "max_results": "1"}), behaviour)
    assert desk.pdf("2601.00001").read_bytes() == BODY


def test_a_redirect_within_arxiv_is_followed(server: ArxivServer, desk: Desk) -> None:
    ((paper,), _) = desk.look_up("2601.00001")
    server.next(redirect("/pdf/2601.00001v1"))
    with desk.open() as source:
        assert source.pdf_path(paper).read_bytes() == b"%PDF-1.7 first %%EOF"


@pytest.mark.parametrize("kind", ["application/atom+xml", "text/html"])
def test_a_body_that_never_ends(server: ArxivServer, desk: Desk, kind: str) -> None:
    ticks = itertools.count(0, 100)
    server.always = endless(FEED[:-7] if "atom" in kind else b"<feed", kind)
    with ArxivSession(desk.pace(), longest=600, clock=lambda: next(ticks)) as session:
        with pytest.raises(SourceError) as caught:
            session.get(f"{server.url}/api/query")
        assert ("took longer than 600 s" in caught.value.message) is ("atom" in kind)


def test_a_pdf_that_never_ends(server: ArxivServer, desk: Desk) -> None:
    ticks = itertools.count(0, 100)
    server.always = endless(b"%PDF-1.7", PDF)
    with (
        ArxivSession(desk.pace(), longest=600, clock=lambda: next(ticks)) as session,
        pytest.raises(SourceBusy, match="took longer"),
    ):
        session.pdf(f"{server.url}/pdf/1", 1)


def test_nobody_there(tmp_path: Path) -> None:
    desk = Desk(ArxivServer(url="http://127.0.0.1:9"), tmp_path)
    with pytest.raises(SourceBusy, match="cannot be reached") as caught:
        desk.search(words="judge")
    assert caught.value.retryable
    assert desk.clock.slept == [], "a network that is off is no reason to wait for arXiv"
