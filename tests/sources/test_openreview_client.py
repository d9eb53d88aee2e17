"""The client against a server that speaks both of OpenReview's protocols, and misbehaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from pipeline.errors import BadPdf, NeedsLogin, ReadingError, SettingsError, SourceBusy, SourceError, UnknownPaper
from pipeline.settings import Settings, load
from pipeline.sources.openreview.session import RETRY
from pipeline.sources.openreview.source import OpenReview
from tests.sources.discussions import FORUM, TITLE, discussion
from tests.sources.openreview_server import (
    PASSWORD,
    USER,
    VENUE,
    Behaviour,
    OpenReviewServer,
    body,
    edit,
    elsewhere,
    status,
    submission,
)

AT_ONCE = RETRY.new(backoff_factor=0, retry_after_max=0)


@pytest.fixture
def server() -> Iterator[OpenReviewServer]:
    with OpenReviewServer(*discussion()) as running:
        yield running


def settings(server: OpenReviewServer, **changes: Any) -> Settings:
    return load(openreview_url=server.url, _env_file=None, **changes)


def client(server: OpenReviewServer, **changes: Any) -> OpenReview:
    return OpenReview(settings(server, **changes), AT_ONCE)


@pytest.mark.parametrize("api", [2, 1])
def test_a_forum_comes_with_all_replies_in_one_request(api: int) -> None:
    with OpenReviewServer(*discussion(api)) as server:
        root, replies = client(server).forum(FORUM)
        assert root["id"] == FORUM
        assert {raw["id"] for raw in replies} == {"r1", "r2", "r3", "a1", "a2", "a3", "c1", "m1", "d1"}
        assert server.paths == ["/notes"]


def test_a_replys_id_leads_to_its_forum(server: OpenReviewServer) -> None:
    root, _ = client(server).forum("c1")
    assert root["id"] == FORUM


def test_an_old_forum_is_found_in_api_1(server: OpenReviewServer) -> None:
    with OpenReviewServer(*discussion(1)) as old:
        server.notes.clear()
        root, replies = client(server, openreview_api1_url=old.url).forum(FORUM)
        assert (root["invitation"], len(replies)) == ("TEST.cc/2024/Conference/-/Blind_Submission", 9)
        assert (len(server.asked), len(old.asked)) == (1, 1)


def test_an_unknown_forum_is_no_failure_of_the_service(server: OpenReviewServer) -> None:
    with pytest.raises(UnknownPaper, match="knows no forum Zz9"):
        client(server).forum("Zz9")
    server.next(status(404, "NotFoundError"), status(404, "NotFoundError"))
    with pytest.raises(UnknownPaper):
        client(server).forum(FORUM)


def test_replies_that_did_not_come_along_are_asked_for_page_by_page() -> None:
    with OpenReviewServer(*discussion(), page=4) as server:
        bare = {"notes": [{"id": FORUM, "forum": FORUM, "content": {}}]}
        server.next(body(json.dumps(bare)))
        _, replies = client(server).forum(FORUM)
        assert len(replies) == 9
        assert [asked.get("after") for _, asked, _ in server.asked[1:]] == [None, "a3", "r1", "r3"]


# --- refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("behaviour", "error", "words"),
    [
        (status(403, "ChallengeRequiredError"), NeedsLogin, "challenge"),
        (status(403, "ForbiddenError"), NeedsLogin, "needs a login"),
        (status(401, "UnauthorizedError"), NeedsLogin, "needs a login"),
        (status(400, "ValidationError"), SourceError, "ValidationError"),
        (body("<html>a page for people</html>", "text/html"), SourceError, "something else than JSON"),
        (body("[1, 2]"), SourceError, "not what its API promises"),
        (body('{"notes": "none"}'), SourceError, "not what its API promises"),
        (body('{"nodes": []}'), SourceError, "not what its API promises"),
        (body('{"notes": [{"id": "Qx7for'), SourceBusy, "breaks off in the middle"),
        (body('{"notes": []', length=4000), SourceBusy, "broke off"),
        (body("[" * 100_000), SourceError, "something else than JSON"),
    ],
)
def test_each_refusal_has_its_own_error(
    server: OpenReviewServer, behaviour: Behaviour, error: type[Exception], words: str
) -> None:
    server.next(*[behaviour] * 3)
    with pytest.raises(error, match=words) as caught:
        client(server).forum(FORUM)
    assert type(caught.value) is error
    assert caught.value.mend  # type: ignore[attr-defined]


def test_busy_answers_are_tried_again_a_few_times(server: OpenReviewServer, capsys: pytest.CaptureFixture[str]) -> None:
    server.next(status(429, Retry_After="0"), status(503))
    assert client(server).forum(FORUM)[0]["id"] == FORUM
    assert len(server.asked) == 3
    server.next(*[status(429, Retry_After="0")] * 3)
    with pytest.raises(SourceBusy, match="429") as caught:
        client(server).forum(FORUM)
    assert caught.value.retryable
    assert len(server.asked) == 6
    assert capsys.readouterr() == ("", "")


def test_nobody_there_can_be_tried_later() -> None:
    with OpenReviewServer() as server:
        pass
    with pytest.raises(SourceBusy, match="cannot be reached"):
        client(server).forum(FORUM)


# --- login --------------------------------------------------------------------------------------------------------


def test_an_account_logs_in_once_and_opens_the_door(server: OpenReviewServer) -> None:
    server.needs_login = "ForbiddenError"
    ours = client(server, openreview_username=USER, openreview_password=SecretStr(PASSWORD))
    assert ours.forum(FORUM)[0]["id"] == FORUM
    ours.forum(FORUM)
    assert len(server.logins) == 1


def test_a_refused_account_is_not_tried_again_and_not_printed(server: OpenReviewServer) -> None:
    ours = client(server, openreview_username=USER, openreview_password=SecretStr("wrong words"))
    for _ in range(2):
        with pytest.raises(NeedsLogin, match="refuses the account") as caught:
            ours.forum(FORUM)
        assert "wrong words" not in f"{caught.value!r} {caught.value.__cause__!r} {ours._settings!r}"
    assert len(server.logins) == 1


def test_the_packages_own_variables_do_not_log_a_guest_in(
    server: OpenReviewServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENREVIEW_USERNAME", USER)
    monkeypatch.setenv("OPENREVIEW_PASSWORD", PASSWORD)
    client(server).forum(FORUM)
    assert server.logins == []
    assert "authorization" not in server.asked[0][2]


def test_a_second_factor_is_for_a_person(server: OpenReviewServer) -> None:
    server.next(body('{"mfaPending": true, "mfaPendingToken": "x", "mfaMethods": ["emailOtp"]}'))
    with pytest.raises(NeedsLogin, match="second factor"):
        client(server, openreview_username=USER, openreview_password=SecretStr(PASSWORD)).forum(FORUM)


def test_a_redirected_login_carries_the_password_nowhere(server: OpenReviewServer) -> None:
    with OpenReviewServer() as other:
        server.next(elsewhere(f"{other.url}/login"))
        with pytest.raises(NeedsLogin):
            client(server, openreview_username=USER, openreview_password=SecretStr(PASSWORD)).forum(FORUM)
        assert other.logins == []


def test_a_password_is_not_sent_in_the_open() -> None:
    ours = load(
        openreview_url="http://mirror.example.org",
        openreview_username=USER,
        openreview_password=PASSWORD,
        _env_file=None,
    )
    with pytest.raises(SettingsError, match="openly"):
        OpenReview(ours).forum(FORUM)


# --- venues, searches, edits, PDFs --------------------------------------------------------------------------------


def test_a_venue_is_listed_page_by_page_with_its_replies() -> None:
    many = [submission(f"forum{n:03}", f"Paper {n}") for n in range(25)]
    with OpenReviewServer(*many, page=10) as server:
        counts: list[int] = []
        found = list(client(server).submissions(VENUE, counts.append))
        assert [raw["id"] for raw in found] == [note["id"] for note in many]
        assert counts[-1] == 25
        assert all(raw["details"] == {"replies": []} for raw in found)


def test_a_venue_that_only_api_1_has_is_found() -> None:
    with OpenReviewServer(*discussion(1)) as server:
        assert [raw["id"] for raw in client(server).submissions(VENUE)] == [FORUM]
        with pytest.raises(UnknownPaper, match="no venue NONE"):
            list(client(server).submissions("NONE.cc/2024/Conference"))


def test_a_search_gives_submissions(server: OpenReviewServer) -> None:
    assert [raw["id"] for raw in client(server).search(TITLE)] == [FORUM]


@pytest.mark.parametrize("api", [2, 1])
def test_edits_are_read_in_either_api(server: OpenReviewServer, api: int) -> None:
    server.edits["r1"] = [edit(5, 1, api), edit(8, 12, api)]
    assert len(client(server).edits("r1", api)) == 2


def test_a_pdf_is_one_and_not_too_large(server: OpenReviewServer) -> None:
    server.pdf = b"%PDF-1.7 ..."
    assert client(server).pdf(FORUM) == server.pdf
    server.pdf = b"<html>"
    with pytest.raises(BadPdf):
        client(server).pdf(FORUM)
    server.pdf = b"%PDF-" + b"x" * 2**20
    with pytest.raises(ReadingError, match="larger than 1 MiB"):
        client(server, read_bytes=1).pdf(FORUM)
