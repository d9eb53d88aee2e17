"""`messages.html`, `messages2.html` … of a Telegram Desktop export; a page holds a thousand messages.

The form: https://github.com/telegramdesktop/tdesktop, Telegram/SourceFiles/export/output/export_output_html.cpp. It
gives neither the chat's type nor its id: a channel is told by its messages, which all come from the channel itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.errors import InputError
from pipeline.sources.mentions import papers_of
from pipeline.sources.telegram.export import Clock, Export, Item, cleaned, joined, refused, unreadable
from store.records import ChannelPost, Piece, PieceKind

_AGAIN = "Export the channel again: its menu, “Export chat history”."
_DATE = re.compile(r"(\d\d)\.(\d\d)\.(\d{4}) (\d\d):(\d\d):(\d\d)(?: UTC([+-]\d\d:\d\d))?")
_PAGE = re.compile(r"messages(\d*)\.html")
_STYLES: dict[str, PieceKind] = {
    **{"strong": "bold", "em": "italic", "u": "underline", "s": "strikethrough"},
    **{"code": "code", "pre": "pre", "blockquote": "blockquote"},
}


def pages_of(path: Path) -> list[Path]:
    """The pages of an export in their order: all beside `path`, or `path` alone where it bears another name.

    Raises:
        InputError: a page is missing.
    """
    if not _PAGE.fullmatch(path.name):
        return [path]
    found = {int(match[1] or 1): page for page in path.parent.iterdir() if (match := _PAGE.fullmatch(page.name))}
    for number in range(1, max(found) + 1):
        if number not in found:
            name = f"messages{number}.html" if number > 1 else "messages.html"
            raise InputError(f"{name} is missing beside {path.name}.", "Keep the export's files together.")
    return [found[number] for number in sorted(found)]


def read_html(pages: Sequence[Path], clock: Clock) -> Export:
    """What an export holds; its messages are read when they are asked for.

    Raises:
        InputError: a page cannot be read, is cut off, or is no page of Telegram Desktop.
    """
    name, total, senders = "", 0, set[str]()
    for path in pages:
        page = _page(path)
        name = name or _words(page.find('.//div[@class="page_header"]'))
        for message in _messages(page):
            total += 1
            senders.add(_sender(message))
    strangers = senders - {name, ""}
    kind = f"a chat with messages of {', '.join(sorted(strangers)[:3])}" if strangers else "channel"
    return Export(name=name, kind=kind, telegram_id=None, total=total, items=lambda: _items(pages, name, clock))


def _page(path: Path) -> Any:
    from lxml import html

    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    if b'class="page_header"' not in data or b'class="history"' not in data:
        raise InputError(f"{path.name} is no page of a chat that Telegram Desktop exported.", _AGAIN)
    if not data.rstrip().endswith(b"</html>"):
        raise InputError(f"{path.name} is cut off: its end is missing. Nothing was imported.", _AGAIN)
    page = html.document_fromstring(data, parser=html.HTMLParser(encoding="utf-8"))
    if data.count(b'class="message default') != sum(1 for _ in _messages(page)):
        raise InputError(f"{path.name} is damaged: some of its messages cannot be told apart.", _AGAIN)
    return page


def _messages(page: Any) -> Iterator[Any]:
    """Messages without the service ones (a new photo of the channel, the line with the day)."""
    return (div for div in page.iterfind('.//div[@class="history"]/div') if {"message", "default"} <= _classes(div))


def _items(pages: Sequence[Path], channel: str, clock: Clock) -> Iterator[Item]:
    line, origin = 0, ""
    for path in pages:
        for message in _messages(_page(path)):
            line += 1
            try:
                post = _post(message, channel, origin, clock)
                origin = post.forwarded_from
                yield post
            except (ValueError, OverflowError, OSError) as error:
                yield refused(line, message.get("id") or f"message {line}", error)


def _post(message: Any, channel: str, origin: str, clock: Clock) -> ChannelPost:
    """`origin`: from whom the message before was forwarded; one that is joined to it does not say it again."""
    number = re.fullmatch(r"message(-?\d{1,18})", message.get("id", ""))
    body = _child(message, "body")
    if number is None or body is None:
        raise ValueError("no id or no content")
    forwarded = _child(body, "forwarded", "body")
    inner = body if forwarded is None else forwarded
    pieces = _trimmed(joined(_pieces(_child(inner, "text"))))
    return ChannelPost(
        channel=channel,
        message_id=int(number[1]),
        date=_date(_child(body, "date"), clock),
        author=_words(_child(inner, "signature")),
        forwarded_from="" if forwarded is None else _name(forwarded) or origin or "unknown",
        reply_to=_reply_to(_child(inner, "reply_to")),
        photos=tuple(_photos(inner)),
        pieces=pieces,
        papers=papers_of(pieces),
    )


def _sender(message: Any) -> str:
    body = _child(message, "body")
    return "" if body is None else _name(body)


def _name(body: Any) -> str:
    """The name over a message, without the bot that wrote it and the time of a forwarded one."""
    name = _child(body, "from_name")
    return "" if name is None else " ".join(cleaned(name.text or "").split()).split(" via @")[0]


def _date(div: Any, clock: Clock) -> datetime:
    match = _DATE.search("" if div is None else div.get("title", ""))
    if match is None:
        raise ValueError("no date")
    day, month, year, *time, zone = match.groups()
    return clock.utc(datetime.fromisoformat(f"{year}-{month}-{day}T{':'.join(time)}{zone or ''}"))


def _reply_to(div: Any) -> int | None:
    link = None if div is None else div.find("a")
    match = re.search(r"#go_to_message(\d{1,18})$", "" if link is None else link.get("href", ""))
    return int(match[1]) if match else None


def _photos(body: Any) -> Iterator[str]:
    for link in body.iterfind('.//div[@class="media_wrap clearfix"]/a'):
        if _classes(link) & {"photo_wrap", "media_photo"} and not _is_global(link.get("href", "")):
            yield cleaned(link.get("href", ""))


def _pieces(node: Any) -> Iterator[Piece]:
    """The runs of text below a node, in order."""
    if node is None:
        return
    yield _plain(node.text)
    for child in node:
        if child.tag == "br":
            yield Piece(kind="plain", text="\n")
        elif child.tag == "a":
            yield _link(child)
        elif child.tag in _STYLES:
            yield Piece(kind=_STYLES[child.tag], text=_text(child))
        elif "spoiler" in _classes(child):
            yield Piece(kind="spoiler", text=_text(child))
        elif isinstance(child.tag, str):
            yield from _pieces(child)
        yield _plain(child.tail)


def _link(node: Any) -> Piece:
    """A link of the text, or one of the things that the exporter writes as links: hashtags, mentions, custom emoji."""
    text, href, script = _text(node), cleaned(node.get("href", "")), node.get("onclick", "")
    if "Hashtag" in script or "Mention" in script:
        return Piece(kind="hashtag" if "Hashtag" in script else "mention", text=text)
    if "Emoji" in script or (href and not re.match(r"\w+:", href)):
        return Piece(kind="custom_emoji", text=text)
    if text.startswith("@"):
        return Piece(kind="mention", text=text)
    if href == text:
        return Piece(kind="link", text=text)
    return Piece(kind="text_link", text=text, target=href) if _is_global(href) else Piece(kind="plain", text=text)


def _text(node: Any) -> str:
    """All text below a node, line breaks kept."""
    parts = [node.text or ""]
    for child in node:
        parts += ["\n" if child.tag == "br" else _text(child) if isinstance(child.tag, str) else "", child.tail or ""]
    return cleaned("".join(parts))


def _plain(text: str | None) -> Piece:
    return Piece(kind="plain", text=re.sub(r"\s*\n\s*", " ", cleaned(text or "")))


def _trimmed(pieces: list[Piece]) -> tuple[Piece, ...]:
    """Without the blanks that the page's own layout puts around a text."""
    if pieces:
        pieces[0] = pieces[0].model_copy(update={"text": pieces[0].text.lstrip()})
        pieces[-1] = pieces[-1].model_copy(update={"text": pieces[-1].text.rstrip()})
    return tuple(piece for piece in pieces if piece.text)


def _words(node: Any) -> str:
    return "" if node is None else " ".join(cleaned(node.text_content()).split())


def _is_global(href: str) -> bool:
    return href.lower().startswith(("http://", "https://"))


def _classes(node: Any) -> set[str]:
    return set((node.get("class") or "").split())


def _child(node: Any, *classes: str) -> Any:
    """The first child with all these classes."""
    wanted = set(classes)
    return next((child for child in node if isinstance(child.tag, str) and wanted <= _classes(child)), None)
