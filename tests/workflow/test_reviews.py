"""The station `reviews`: the discussion gets into the post, and its absence stops nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.digest import digest
from pipeline.errors import InputError, NeedsLogin
from pipeline.nightly import best_of_venue, night
from pipeline.sources.identity import identify
from pipeline.writing.post import plain
from store.records import Forum, Paper, Score, Snapshot, now
from tests.sources.discussions import FORUM, discussion
from tests.sources.openreview_server import OpenReviewServer, edit, status
from tests.workflow.conftest import Make

URL = f"https://openreview.net/forum?id={FORUM}"


@pytest.fixture
def server(paper: Path) -> Iterator[OpenReviewServer]:
    with OpenReviewServer(*discussion(), pdf=paper.read_bytes()) as running:
        running.edits["r1"] = [edit(5, 1), edit(8, 12)]
        yield running


def link(make: Make, paper: Path, server: OpenReviewServer) -> None:
    """Somebody said where the discussion of the paper is."""
    library = make(openreview_url=server.url).library
    paper_id = identify(str(paper)).paper_id
    library.save_paper(Paper(paper_id=paper_id))
    library.keep_forum(
        Forum(forum=FORUM, paper_id=paper_id, matched_by="given by a person"),
        Snapshot(forum=FORUM, taken=now(), seen=now(), source="import", scores=()),
    )


def test_a_paper_of_openreview_is_digested_with_its_reviews(make: Make, server: OpenReviewServer) -> None:
    deps = make(openreview_url=server.url)
    attempt = digest(f"openreview.net/forum?id={FORUM}&noteId=r1", deps)
    assert (attempt.paper_id, attempt.outcome) == (f"openreview:{FORUM}", "accepted")
    revision = deps.library.revision(attempt.post_id)
    text = plain(revision.post).replace("\u00a0", " ")
    assert "средняя оценка трёх рецензентов выросла с 4,67 до 5,67" in text
    assert "откликнулся один рецензент из трёх" in text
    assert f"Статья: {URL}" in text
    assert revision.provenance.notes == (f"reviews: forum {FORUM} (OpenReview id)",)
    assert not any("OpenReview" in finding.message for finding in revision.findings)
    (snapshot,) = deps.library.snapshots(FORUM)
    assert len(snapshot.notes) == 9


def test_a_linked_forum_is_looked_at_and_linked_in_the_post(make: Make, paper: Path, server: OpenReviewServer) -> None:
    link(make, paper, server)
    deps = make(openreview_url=server.url)
    attempt = digest(str(paper), deps)
    assert f"Рецензии: {URL}" in plain(deps.library.revision(attempt.post_id).post)
    assert [forum.matched_by for forum in deps.library.forums_of(attempt.paper_id)] == ["given by a person"]


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("ChallengeRequiredError", "reviews: needs a login"),
        ("NotFoundError", f"reviews: OpenReview knows no forum {FORUM}."),
    ],
)
def test_a_refusal_is_noted_and_the_post_goes_on(
    make: Make, paper: Path, server: OpenReviewServer, name: str, note: str
) -> None:
    link(make, paper, server)
    server.next(*[status(403 if "Challenge" in name else 404, name)] * 2)
    deps = make(openreview_url=server.url)
    attempt = digest(str(paper), deps)
    assert attempt.outcome == "accepted"
    revision = deps.library.revision(attempt.post_id)
    assert revision.provenance.notes == (note,)
    assert "Рецензии" not in plain(revision.post)


def test_nobody_is_asked_about_a_file_without_a_hint(make: Make, paper: Path, server: OpenReviewServer) -> None:
    deps = make(openreview_url=server.url, openreview_username="reader@example.org")
    attempt = digest(str(paper), deps)
    assert (server.asked, server.logins) == ([], [])
    assert deps.library.revision(attempt.post_id).provenance.notes == ()


def test_a_paper_that_only_openreview_has_needs_its_door_open(make: Make, server: OpenReviewServer) -> None:
    server.needs_login = "ForbiddenError"
    deps = make(openreview_url=server.url)
    with pytest.raises(NeedsLogin, match="needs a login"):
        digest(f"openreview:{FORUM}", deps)
    assert [attempt.stage for attempt in deps.library.attempts()] == ["fetch"]


def test_a_night_over_the_best_papers_of_a_venue(make: Make, server: OpenReviewServer) -> None:
    deps = make(openreview_url=server.url)
    marks = {FORUM: 8.0, "other": 6.0, "third": 3.0}
    for name, rating in marks.items():
        deps.library.keep_forum(
            Forum(forum=name, venue="ICLR 2030", title=name),
            Snapshot(
                forum=name, taken=now(), seen=now(), source="import", scores=(Score(reviewer="1", rating=rating),)
            ),
        )
    assert best_of_venue(deps.library, "iclr2030", 2) == [f"openreview:{FORUM}", "openreview:other"]
    deps.library.save_paper(Paper(paper_id="arxiv:2407.18370"))
    deps.library.link_forum("other", "arxiv:2407.18370", "given by a person")
    assert best_of_venue(deps.library, "ICLR 2030", 3)[1:] == ["arxiv:2407.18370", "openreview:third"]
    assert night(best_of_venue(deps.library, "ICLR 2030", 1), deps).made == (f"openreview:{FORUM}",)
    with pytest.raises(InputError, match="no venue"):
        best_of_venue(deps.library, "NeurIPS 1999", 3)
