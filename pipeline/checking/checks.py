"""All checks in code, in the order in which a person would want to read them."""

from __future__ import annotations

from pipeline.checking.form import check_form
from pipeline.checking.grounding import check_evidence
from pipeline.checking.numbers import check_numbers
from pipeline.checking.russian import check_russian
from pipeline.prompts import Glossary
from store.records import Document, Finding, Post


def run_checks(post: Post, document: Document, glossary: Glossary) -> tuple[Finding, ...]:
    """Everything that code can say about a post over its paper."""
    return (
        *check_reading(document),
        *check_evidence(post, document),
        *check_numbers(post, document),
        *check_russian(post, glossary),
        *check_form(post),
    )


def check_reading(document: Document) -> list[Finding]:
    """A post over a paper that could not be read whole is never accepted without a person."""
    if document.whole:
        return []
    message = "статья прочитана не целиком: файл повреждён"
    return [Finding(check="reading", severity="error", where="post", message=message)]
