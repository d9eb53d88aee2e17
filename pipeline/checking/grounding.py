"""Is a claim proven? Its passage exists, and its quote stands in that passage, word for word after folding."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.checking.folding import fold, fold_quote
from store.records import Claim, Document, Finding, Post

CHECK = "evidence"
SHORTEST_QUOTE = 4
"""Words; fewer would be found in any paper and prove nothing."""


def placed(post: Post, document: Document) -> Post:
    """Point each claim at the passages that hold its quote; a claim whose quote is found nowhere keeps its pointer."""
    passages = _folded(document)
    blocks = [
        block.model_copy(update={"claims": tuple(_placed(claim, passages) for claim in block.claims)})
        for block in post.blocks
    ]
    return Post(blocks=tuple(blocks))


def _placed(claim: Claim, passages: Mapping[str, str]) -> Claim:
    quote = fold_quote(claim.quote)
    if len(quote.split()) < SHORTEST_QUOTE:
        return claim
    holders = tuple(name for name, text in passages.items() if quote in text)
    return claim.model_copy(update={"passages": holders}) if holders else claim


def _folded(document: Document) -> dict[str, str]:
    return {passage.id: fold(passage.text) for passage in document.passages}


def check_evidence(post: Post, document: Document) -> list[Finding]:
    """One finding for each claim that is not proven."""
    passages = _folded(document)
    return [
        Finding(check=CHECK, severity="error", where=claim.id, message=fault)
        for claim in post.claims
        if (fault := _fault(claim, passages))
    ]


def _fault(claim: Claim, passages: Mapping[str, str]) -> str:
    if not claim.quote.strip():
        return "нет цитаты из статьи"
    unknown = [name for name in claim.passages if name not in passages]
    if unknown:
        return f"в статье нет фрагмента {', '.join(unknown)}"
    quote = fold_quote(claim.quote)
    if len(quote.split()) < SHORTEST_QUOTE:
        return f"цитата короче {SHORTEST_QUOTE} слов ничего не доказывает"
    if not any(quote in passages[name] for name in claim.passages):
        return f"цитаты нет в статье{f' (указан фрагмент {named})' if (named := ', '.join(claim.passages)) else ''}"
    return ""
