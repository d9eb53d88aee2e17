"""A post is a list of blocks. From it: Telegram HTML, Markdown, plain text; back from an edited plain text.

Plain text is what a person edits: the title on the first line, links as `Статья: URL`, sections under `🔹`, the closing
list with `•`. `parse` reads it back and lets every unchanged or lightly changed sentence keep its evidence.
"""

from __future__ import annotations

import difflib
import html
import re
from collections.abc import Callable, Iterable

from razdel import sentenize

from store.records import Block, BlockKind, Claim, Post

TELEGRAM_LIMIT = 4096
HEADING, BULLET, POSTSCRIPT, FENCE = "🔹 ", "• ", "P.S. ", "```"
LEAST_LIKENESS = 0.55
"""`difflib` ratio from which an edited sentence is taken for the old one and keeps its evidence."""

_LINK = re.compile(r"^(Статья|Рецензии|Код|Видео): (https?://\S+)$")
_WITH_CLAIMS = ("lead", "paragraph", "bullet", "postscript")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>#])")


def text_of(block: Block) -> str:
    """The words of a block, without its mark."""
    return " ".join(claim.text for claim in block.claims) if block.claims else block.text


def plain(post: Post) -> str:
    """Plain text, the form that a person edits."""
    return _join(post, _plain_block)


def markdown(post: Post) -> str:
    """CommonMark; text of the post cannot become markup."""
    return _join(post, _markdown_block)


def telegram_html(post: Post) -> str:
    """HTML with the few tags that Telegram knows; text of the post cannot become a tag."""
    return _join(post, _html_block)


def telegram_length(post: Post) -> int:
    """Length as Telegram counts it: UTF-16 units of the text after entities are read."""
    return len(plain(post).encode("utf-16-le")) // 2


def _join(post: Post, render: Callable[[Block], str]) -> str:
    lines: list[str] = []
    previous: BlockKind | None = None
    for block in post.blocks:
        tight = (block.kind == previous and block.kind in ("link", "bullet")) or previous == "heading"
        if previous is not None:
            lines.append("\n" if tight else "\n\n")
        lines.append(render(block))
        previous = block.kind
    return "".join(lines)


def _plain_block(block: Block) -> str:
    words = text_of(block)
    forms = {
        "link": f"{words}: {block.url}",
        "heading": f"{HEADING}{words}",
        "bullet": f"{BULLET}{words}",
        "postscript": f"{POSTSCRIPT}{words}",
        "code": f"{FENCE}\n{words}\n{FENCE}",
    }
    return forms.get(block.kind, words)


def _markdown_block(block: Block) -> str:
    if block.kind == "code":
        fence = max([FENCE, *(run + "`" for run in re.findall(r"`{3,}", block.text))], key=len)
        return f"{fence}\n{block.text}\n{fence}"
    words = _MARKDOWN.sub(r"\\\1", text_of(block))
    forms = {
        "title": f"# {words}",
        "link": f"- {words}: <{block.url}>",
        "heading": f"## {HEADING}{words}\n",
        "bullet": f"- {words}",
        "postscript": f"{POSTSCRIPT}{words}",
    }
    return forms.get(block.kind, words)


def _html_block(block: Block) -> str:
    words = html.escape(text_of(block), quote=False)
    forms = {
        "title": f"<b>{words}</b>",
        "link": f"{words}: {html.escape(block.url)}",
        "heading": f"{HEADING}<b>{words}</b>",
        "bullet": f"{BULLET}{words}",
        "postscript": f"{POSTSCRIPT}{words}",
        "code": f"<pre>{words}</pre>",
    }
    return forms.get(block.kind, words)


def parse(text: str, before: Post) -> Post:
    """Read an edited plain text back into blocks.

    A sentence that equals one of `before`, or is like it, keeps its id and evidence; any other is a new claim without
    evidence, which the checks will report. Links keep the form `Статья: URL`. A paragraph that code wrote (it has no
    claims) stays one while nobody changes it.
    """
    claims = _Carrier(before)
    by_code = {_spaced(b.text): b.text for b in before.blocks if b.kind in _WITH_CLAIMS and not b.claims}
    blocks: list[Block] = []
    for kind, words, url in _blocks(text):
        if kind in ("title", "heading", "code"):
            blocks.append(Block(kind=kind, text=words))
        elif kind in _WITH_CLAIMS and _spaced(words) in by_code:
            blocks.append(Block(kind=kind, text=by_code[_spaced(words)]))
        elif kind == "link":
            blocks.append(Block(kind=kind, text=words, url=url))
        else:
            blocks.append(Block(kind=kind, claims=claims.carry(words)))
    return Post(blocks=tuple(blocks))


def _spaced(words: str) -> str:
    """With plain spaces: an editor may lose those that do not break."""
    return " ".join(words.split())


def _blocks(text: str) -> Iterable[tuple[BlockKind, str, str]]:
    pieces = re.split(rf"^{FENCE}\n(.*?)\n{FENCE}$", text.replace("\r\n", "\n"), flags=re.DOTALL | re.MULTILINE)
    titled = headed = False
    for index, piece in enumerate(pieces):
        if index % 2:
            yield "code", piece, ""
            continue
        for line in filter(None, (line.strip() for line in piece.split("\n"))):
            link = _LINK.match(line)
            if not titled:
                titled = True
                yield "title", line, ""
            elif link:
                yield "link", link[1], link[2]
            elif line.startswith(HEADING.strip()):
                headed = True
                yield "heading", line.removeprefix(HEADING.strip()).strip(), ""
            elif line.startswith(BULLET.strip()):
                yield "bullet", line.removeprefix(BULLET.strip()).strip(), ""
            elif line.startswith(POSTSCRIPT.strip()):
                yield "postscript", line.removeprefix(POSTSCRIPT.strip()).strip(), ""
            else:
                yield ("paragraph" if headed else "lead"), line, ""


class _Carrier:
    """Carries evidence from the old claims to the sentences of the edited text, each old claim at most once."""

    def __init__(self, before: Post) -> None:
        self._old = list(before.claims)
        numbers = [int(claim.id[1:]) for claim in self._old if claim.id[1:].isdigit()]
        self._next = max(numbers, default=0) + 1

    def carry(self, words: str) -> tuple[Claim, ...]:
        claims: list[Claim] = []
        while words := words.strip():
            whole = next((claim for claim in self._old if claim.text and _starts(words, claim.text)), None)
            if whole:
                self._old.remove(whole)
                claims.append(whole)
                words = words[len(whole.text) :]
                continue
            sentence = next(iter(sentenize(words))).text
            claims.append(self._like(sentence))
            words = words[words.index(sentence) + len(sentence) :]
        return tuple(claims)

    def _like(self, sentence: str) -> Claim:
        likeness = {claim.id: difflib.SequenceMatcher(None, claim.text, sentence).ratio() for claim in self._old}
        old = max(self._old, key=lambda claim: likeness[claim.id], default=None)
        if old and likeness[old.id] >= LEAST_LIKENESS:
            self._old.remove(old)
            return old.model_copy(update={"text": sentence})
        self._next += 1
        return Claim(id=f"c{self._next - 1}", text=sentence)


def _starts(words: str, sentence: str) -> bool:
    return words.startswith(sentence) and (len(words) == len(sentence) or words[len(sentence)].isspace())
