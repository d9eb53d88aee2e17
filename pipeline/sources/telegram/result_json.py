"""`result.json` of a Telegram Desktop export, read as a stream: one message at a time is in memory.

The form: https://github.com/telegramdesktop/tdesktop, Telegram/SourceFiles/export/output/export_output_json.cpp.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, TypeGuard, cast, get_args

from pipeline.errors import InputError
from pipeline.sources.mentions import papers_of
from pipeline.sources.telegram.export import LARGEST, Clock, Export, Item, cleaned, joined, refused, unreadable
from store.records import ChannelPost, Piece, PieceKind, TextStyle

# Telegram Desktop writes a control character as `\xNN`, which JSON does not know.
_ESCAPE = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|.)", re.DOTALL)
_KINDS = frozenset((*get_args(TextStyle), *get_args(get_args(PieceKind)[-1])))
_CHAT_TYPES = {"public_channel": "channel", "private_channel": "channel"}
_AGAIN = "Export the channel again: its menu, “Export chat history”, format JSON."


def read_json(path: Path, clock: Clock) -> Export:
    """What an export holds; its messages are read when they are asked for.

    Raises:
        InputError: it cannot be read, is no JSON, is cut, or is no export of one chat.
    """
    name, kind, number = _head(path)
    return Export(
        name=name,
        kind=_CHAT_TYPES.get(kind, kind),
        telegram_id=number,
        total=sum(1 for _ in _messages(path)),
        items=lambda: _items(path, name, clock),
    )


def _head(path: Path) -> tuple[str, str, int]:
    """Name, type and id, which stand before the messages."""
    import ijson

    head: dict[str, Any] = {}
    with _opened(path) as file:
        for prefix, event, value in ijson.parse(file):
            if prefix in ("chats", "left_chats") or (prefix == "" and event not in ("start_map", "map_key")):
                break
            if (prefix, event) == ("messages", "start_array"):
                return _checked(head)
            if prefix in ("name", "type", "id"):
                head[prefix] = value
    raise _no_chat(path)


def _checked(head: dict[str, Any]) -> tuple[str, str, int]:
    name, kind, number = head.get("name"), head.get("type"), head.get("id")
    if not isinstance(kind, str) or not _is_id(number):
        raise InputError("The file has messages, but does not say of which chat.", _AGAIN)
    return _text(name).strip() or f"#{number}", kind, number


def _no_chat(path: Path) -> InputError:
    chats = _chats(path)
    if not chats:
        return InputError(f"{path.name} is JSON, but no Telegram export of a chat.", _AGAIN)
    channels = [name for name, kind in chats if kind in _CHAT_TYPES]
    named = f"; the channels among them: {', '.join(f'«{name}»' for name in channels[:20])}" if channels else ""
    alone = f"Export the channel alone. {_AGAIN}"
    return InputError(f"{path.name} is the export of a whole account with {len(chats)} chats{named}.", alone)


def _chats(path: Path) -> list[tuple[str, str]]:
    """Name and type of every chat of an account's export."""
    import ijson

    chats: list[list[str]] = []
    with _opened(path) as file:
        for prefix, event, value in ijson.parse(file):
            if prefix in ("chats.list.item", "left_chats.list.item") and event == "start_map":
                chats.append(["", ""])
            elif prefix in ("chats.list.item.name", "left_chats.list.item.name"):
                chats[-1][0] = cleaned(str(value))
            elif prefix in ("chats.list.item.type", "left_chats.list.item.type"):
                chats[-1][1] = str(value)
    return [(name, kind) for name, kind in chats]


def _messages(path: Path) -> Iterator[Any]:
    import ijson

    with _opened(path) as file:
        yield from ijson.items(file, "messages.item")


def _items(path: Path, channel: str, clock: Clock) -> Iterator[Item]:
    for line, message in enumerate(_messages(path), 1):
        try:
            yield _post(message, channel, clock)
        except (ValueError, TypeError, OverflowError, OSError) as error:
            known = message.get("id") if isinstance(message, dict) else None
            yield refused(line, f"message {known or line}", error)


def _post(message: Any, channel: str, clock: Clock) -> ChannelPost | None:
    """One message; None for a service message and what the exporter could not read."""
    if not isinstance(message, dict):
        raise ValueError("not a message")
    if message.get("type") in ("service", "unsupported"):
        return None
    number = message.get("id")
    if not _is_id(number):
        raise ValueError("no id")
    date = _time(message, "date", clock)
    if date is None:
        raise ValueError("no date")
    pieces = tuple(joined(_pieces(message)))
    reply = message.get("reply_to_message_id")
    return ChannelPost(
        channel=channel,
        message_id=number,
        date=date,
        edited=_time(message, "edited", clock),
        author=_text(message.get("author")),
        forwarded_from=_text(message["forwarded_from"]) or "unknown" if "forwarded_from" in message else "",
        reply_to=reply if _is_id(reply) and "reply_to_peer_id" not in message else None,
        photos=_photos(message),
        pieces=pieces,
        papers=papers_of(pieces),
    )


def _pieces(message: dict[str, Any]) -> Iterator[Piece]:
    """From `text_entities`, or in exports from before 2022 from `text`: a string or a list of strings and objects."""
    parts = message.get("text_entities") or message.get("text") or []
    if not isinstance(parts, str | list):
        raise ValueError("its text is no text")
    for part in [parts] if isinstance(parts, str) else parts:
        if isinstance(part, str):
            yield Piece(kind="plain", text=cleaned(part))
        elif isinstance(part, dict) and isinstance(part.get("text"), str):
            known = isinstance(part.get("type"), str) and part["type"] in _KINDS
            kind = cast("PieceKind", part["type"]) if known else "plain"
            target = part.get({"text_link": "href", "pre": "language"}.get(kind, ""))
            yield Piece(kind=kind, text=cleaned(part["text"]), target=_text(target))
        else:
            raise ValueError("its text is no text")


def _time(message: dict[str, Any], name: str, clock: Clock) -> datetime | None:
    """Seconds since 1970; in old exports only the time on the clock of the machine that exported."""
    seconds, words = message.get(f"{name}_unixtime"), message.get(name)
    if seconds is not None:
        return datetime.fromtimestamp(int(seconds), UTC) if int(seconds) > 0 else None
    if not isinstance(words, str):
        return None
    told = datetime.fromisoformat(words)
    return clock.utc(told) if told.year > 1970 else None  # 1970 is how old exports say never


def _photos(message: dict[str, Any]) -> tuple[str, ...]:
    photo = message.get("photo")  # in brackets: the reason why the file is not there
    return (cleaned(photo),) if isinstance(photo, str) and not photo.startswith("(") else ()


def _text(value: Any) -> str:
    return cleaned(value) if isinstance(value, str) else ""


def _is_id(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The file for the parser; what the parser says becomes a sentence."""
    import ijson

    try:
        with path.open("rb") as file:
            yield _Mended(file)
    except ijson.JSONError as error:
        said = " ".join(str(error).split())
        if re.search("premature EOF|Incomplete", said):
            raise InputError(f"{path.name} is cut off: its end is missing. Nothing was imported.", _AGAIN) from error
        raise InputError(f"{path.name} is not valid JSON ({said[:100]}). Nothing was imported.", _AGAIN) from error
    except OSError as error:
        raise unreadable(path, error) from error


class _Mended:
    """A binary file whose `\\xNN` escapes are made JSON's `\\u00NN`, and whose byte order mark is dropped."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._kept = file, b""
        self._at_start = True

    def read(self, size: int = -1) -> bytes:
        if size == 0:
            return b""
        new = self._file.read(size)
        if self._at_start:
            new, self._at_start = new.removeprefix(b"\xef\xbb\xbf"), False
        data = self._kept + new
        end = _whole_escapes(data) if new else len(data)
        self._kept, data = data[end:], data[:end]
        if not data and new:
            return self.read(size)  # nothing but the beginning of an escape: an empty answer would mean the end
        return _ESCAPE.sub(_as_json, data) if b"\\x" in data else data


def _whole_escapes(data: bytes) -> int:
    """Up to where every escape is complete: half of a `\\xNN` may lie beyond the end."""
    hexadecimal = re.search(rb"x[0-9A-Fa-f]?\Z", data[-2:])
    head = data[: -len(hexadecimal[0])] if hexadecimal else data
    backslashes = len(head) - len(head.rstrip(b"\\"))
    return len(head) - 1 if backslashes % 2 else len(data)


def _as_json(escape: re.Match[bytes]) -> bytes:
    return b"\\u00" + escape[1] if escape[1] else escape[0]
