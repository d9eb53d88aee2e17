"""Import of the author's own channel from an export of Telegram Desktop, so that Razbor remembers what was posted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.reading.opening import looks_like
from pipeline.sources.imported import Imported, Refused
from pipeline.sources.telegram.export import Clock, Export, Item, unreadable
from pipeline.sources.telegram.messages_html import pages_of, read_html
from pipeline.sources.telegram.result_json import read_json
from store.records import ChannelPost

if TYPE_CHECKING:
    from store.library import Library

BATCH = 500
_HOW = "In Telegram Desktop: the channel's menu, “Export chat history”; give its folder, result.json or messages.html."


@dataclass
class ImportedChannel(Imported):
    """What an import did. `messages` counts the export's; those that are in no other count hold no words."""

    channel: str = ""
    messages: int = 0
    notes: list[str] = field(default_factory=list)


def import_telegram(
    path: Path,
    library: Library,
    *,
    any_chat: bool = False,
    zone: tzinfo | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> ImportedChannel:
    """Keep a channel's posts; once more, and only what changed is written. `progress` hears (done, total) messages.

    The export is read once to see that it is whole, and once more to keep it: a broken one leaves nothing behind.
    Chats that are no channels are refused unless `any_chat`. Old exports give times without a zone: these are taken
    as of `zone`, or of this machine.

    Raises:
        InputError: the path is no whole export of one channel.
    """
    clock = Clock(zone)
    export = open_export(path, clock)
    if export.kind != "channel" and not any_chat:
        raise InputError(
            f"«{export.name}» is no channel but {_named(export.kind)}.",
            "Export the channel that you write; --any imports this chat all the same.",
        )
    number = library.keep_channel(export.name, export.telegram_id)
    done = ImportedChannel(channel=export.name, messages=export.total)
    posts = worded(_accepted(_told(export, progress), done.refused))
    while batch := list(islice(posts, BATCH)):
        changes = library.keep_channel_posts(number, batch)
        done.added += changes.added
        done.updated += changes.updated
        done.unchanged += changes.unchanged
    if clock.guessed:
        done.notes.append(_guessed(clock))
    return done


def open_export(path: Path, clock: Clock) -> Export:
    """An export by its folder, its `result.json` or one of its pages; what kind of file it is, its content says.

    Raises:
        InputError: it is none, is not whole, or cannot be read.
    """
    found = _found_in(path) if path.is_dir() else path
    try:
        with found.open("rb") as file:
            head = file.read(2048)
    except OSError as error:
        raise unreadable(found, error) from error
    looks = looks_like(head) if head.strip() else "an empty file"
    if looks == "JSON":
        return read_json(found, clock)
    if looks == "an HTML page":
        return read_html(pages_of(found), clock)
    raise InputError(f"{found.name} is no Telegram export: it looks like {looks}.", _HOW)


def worded(posts: Iterable[ChannelPost]) -> Iterator[ChannelPost]:
    """The posts that have words. An album is exported as a message for each picture: they join the one with words."""
    album: list[ChannelPost] = []
    for post in posts:
        if album and (post.date, post.forwarded_from) != (album[-1].date, album[-1].forwarded_from):
            yield from _one(album)
            album = []
        album.append(post)
    yield from _one(album)


def _one(album: list[ChannelPost]) -> list[ChannelPost]:
    told = [post for post in album if post.text.strip()]
    if len(told) != 1 or not told[0].photos:
        return told
    return [told[0].model_copy(update={"photos": tuple(photo for post in album for photo in post.photos)})]


def zone_of(name: str) -> tzinfo | None:
    """The zone with this name, None for no name.

    Raises:
        InputError: there is no such zone.
    """
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, KeyError) as error:  # KeyError: ZoneInfoNotFoundError
        raise InputError(f"There is no time zone {name!r}.", "Give one such as Europe/Moscow or UTC.") from error


def _found_in(folder: Path) -> Path:
    for name in ("result.json", "messages.html"):
        if (folder / name).is_file():
            return folder / name
    if (folder / "export_results.html").is_file():
        chats = "The chats are in folders of their own below it (chats/chat_001 …): give the channel's folder."
        raise InputError(f"{folder} is the export of a whole account.", chats)
    raise InputError(f"{folder} holds neither result.json nor messages.html.", _HOW)


def _told(export: Export, progress: Callable[[int, int], None]) -> Iterator[Item]:
    for done, item in enumerate(export.items(), 1):
        yield item
        if done % BATCH == 0 or done == export.total:
            progress(done, export.total)


def _accepted(items: Iterable[Item], refused: list[Refused]) -> Iterator[ChannelPost]:
    """The posts; what was refused goes to the list."""
    for item in items:
        if isinstance(item, Refused):
            refused.append(item)
        elif item is not None:
            yield item


def _named(kind: str) -> str:
    return kind if kind.startswith("a ") else f"a {kind.replace('_', ' ')}"


def _guessed(clock: Clock) -> str:
    zone = clock.zone or "this machine"
    return f"{clock.guessed} times in the export have no zone; they were taken as those of {zone} (--zone)."
