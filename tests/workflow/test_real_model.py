"""The whole road with a real small model: PDF, embedded llama.cpp, graph, checks, store, index."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.checking.folding import fold, fold_quote
from pipeline.checking.outcome import errors, is_proven
from pipeline.digest import digest
from pipeline.settings import load
from pipeline.wiring import open_deps


@pytest.mark.model
@pytest.mark.timeout(600)
def test_a_weak_model_makes_a_post_and_the_checks_say_what_is_wrong(
    paper: Path, tmp_path: Path, small_model: Path
) -> None:
    (tmp_path / "models").symlink_to(small_model.parent)
    settings = load(
        home=tmp_path,
        llm="embedded",
        embedded_model="qwen2.5-coder-0.5b",
        embedded_context=12288,
        temperature=0,
        _env_file=None,
    )
    with open_deps(settings) as deps:
        attempt = digest(str(paper), deps)
        entry = deps.library.post(attempt.post_id)
        revision = deps.library.revision(attempt.post_id)
        document = deps.library.document(attempt.paper_id)
        calls = deps.library.calls(attempt.digest_id)
        assert deps.search.search("how many labels")[0].paper_id == attempt.paper_id
    assert errors(revision.findings) or revision.verdicts[-1].decision != "accept"
    assert entry.outcome == "needs_person", "half a billion parameters do not write Russian that passes"
    assert entry.reasons
    passages = {passage.id: fold(passage.text) for passage in document.passages}
    for claim in revision.post.claims:
        if is_proven(claim, revision.findings):
            assert any(fold_quote(claim.quote) in passages[name] for name in claim.passages)
    later = [call for call in calls[1:] if call.prompt != "brief"]
    assert all(call.cached_tokens > 0.5 * call.prompt_tokens for call in later), "the paper is prefilled once"
