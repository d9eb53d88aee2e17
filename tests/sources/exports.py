"""Telegram Desktop exports that the tests make themselves, in both forms, as the program writes them."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

CHANNEL, NUMBER = "Разборы статей", 1234567890
BEGIN = datetime(2025, 3, 1, 9, 30, 15, tzinfo=UTC)
MOSCOW = timezone(timedelta(hours=3))
Part = str | Mapping[str, str]
"""Plain text, or `{"type", "text", "href" or "language"}`."""


def message(number: int, *parts: Part, **more: Any) -> dict[str, Any]:
    """One message; `when` (a datetime) in `more` is its time, all else goes in as it is."""
    when = more.pop("when", BEGIN + timedelta(hours=number))
    entities = [{"type": "plain", "text": part} if isinstance(part, str) else dict(part) for part in parts]
    return {
        "id": number,
        "type": "message",
        "date": when.astimezone(MOSCOW).strftime("%Y-%m-%dT%H:%M:%S"),
        "date_unixtime": str(int(when.timestamp())),
        "from": CHANNEL,
        "from_id": f"channel{NUMBER}",
        "text": parts[0] if len(parts) == 1 and isinstance(parts[0], str) else list(parts),
        "text_entities": entities,
        **more,
    }


def service(number: int) -> dict[str, Any]:
    made = message(number, "", actor=CHANNEL, action="pin_message", type="service")
    return made | {"text": "", "text_entities": []}


def bold(text: str) -> Part:
    return {"type": "bold", "text": text}


def link(text: str, href: str) -> Part:
    return {"type": "text_link", "text": text, "href": href}


def write_json(path: Path, messages: Iterable[Mapping[str, Any]], **head: Any) -> Path:
    """`result.json`, written message by message."""
    known = {"name": CHANNEL, "type": "public_channel", "id": NUMBER} | head
    with path.open("w", encoding="utf-8") as file:
        file.write("{" + "".join(f"\n {json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}," for k, v in known.items()))
        file.write('\n "messages": [')
        for place, one in enumerate(messages):
            file.write(("," if place else "") + "\n  " + json.dumps(one, ensure_ascii=False, indent=1))
        file.write("\n ]\n}")
    return path


def write_html(
    folder: Path, messages: Sequence[Mapping[str, Any]], *, per_page: int = 1000, name: str = CHANNEL
) -> Path:
    """`messages.html`, `messages2.html` …; return the first page."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = [messages[start : start + per_page] for start in range(0, len(messages), per_page)] or [[]]
    for number, part in enumerate(parts, 1):
        rows, before = [], None
        for one in part:
            rows.append(_row(one, before))
            before = one
        links = f'<a class="pagination block_link" href="messages{number + 1}.html">\nNext messages\n</a>'
        page = _PAGE.format(name=html.escape(name), rows="\n".join(rows), links=links if number < len(parts) else "")
        (folder / f"messages{number if number > 1 else ''}.html").write_text(page, encoding="utf-8")
    return folder / "messages.html"


_PAGE = """<!DOCTYPE html>
<html>

 <head>

  <meta charset="utf-8"/>
<title>Exported Data</title>
  <link href="css/style.css" rel="stylesheet"/>

  <script src="js/script.js" type="text/javascript">

  </script>

 </head>

 <body onload="CheckLocation();">

  <div class="page_wrap">

   <div class="page_header">

    <div class="content">

     <div class="text bold">
{name}
     </div>

    </div>

   </div>

   <div class="page_body chat_page">

    <div class="history">
{rows}
{links}
    </div>

   </div>

  </div>

 </body>

</html>
"""


def _row(one: Mapping[str, Any], before: Mapping[str, Any] | None) -> str:
    if one["type"] == "service":
        return (
            f'<div class="message service" id="message{one["id"]}">\n<div class="body details">\n'
            f"{html.escape(CHANNEL)} pinned this message\n</div>\n</div>"
        )
    when = datetime.fromtimestamp(int(one["date_unixtime"]), MOSCOW)
    joined = before and before["type"] != "service" and before.get("forwarded_from") == one.get("forwarded_from")
    rows = [
        f'<div class="message default clearfix{" joined" if joined else ""}" id="message{one["id"]}">',
        '<div class="body">',
        f'<div class="pull_right date details" title="{when:%d.%m.%Y %H:%M:%S} UTC+03:00">\n{when:%H:%M}\n</div>',
        "" if joined else f'<div class="from_name">\n{html.escape(one["from"])}\n</div>',
    ]
    if "forwarded_from" in one:
        rows.append('<div class="forwarded body">')
        time = '<span class="date details" title="01.01.2025 10:00:00"> 01.01.2025 10:00:00</span>'
        rows.append("" if joined else f'<div class="from_name">\n{html.escape(one["forwarded_from"])}{time}\n</div>')
    if "reply_to_message_id" in one:
        target = one["reply_to_message_id"]
        anchor = f'<a href="#go_to_message{target}" onclick="return GoToMessage({target})">this message</a>'
        rows.append(f'<div class="reply_to details">\nIn reply to {anchor}\n</div>')
    if "photo" in one:
        photo = (
            f'<a class="photo_wrap clearfix pull_left" href="{one["photo"]}">\n<img class="photo" src="x.jpg"/>\n</a>'
        )
        rows.append(f'<div class="media_wrap clearfix">\n{photo}\n</div>')
    if one["text_entities"]:
        rows.append(f'<div class="text">\n{"".join(map(_entity, one["text_entities"]))}\n</div>')
    if "author" in one:
        rows.append(f'<div class="signature details">\n{html.escape(one["author"])}\n</div>')
    rows.append("</div>" * (3 if "forwarded_from" in one else 2))
    return "\n".join(filter(None, rows))


_TAGS = {
    **{"bold": "strong", "italic": "em", "underline": "u", "strikethrough": "s"},
    **{"code": "code", "pre": "pre", "blockquote": "blockquote"},
}


def _entity(part: Mapping[str, str]) -> str:
    text = html.escape(part["text"]).replace("\n", "<br>")
    kind = part["type"]
    if kind in _TAGS:
        return f"<{_TAGS[kind]}>{text}</{_TAGS[kind]}>"
    forms = {
        "link": f'<a href="{text}">{text}</a>',
        "text_link": f'<a href="{html.escape(part.get("href", ""))}">{text}</a>',
        "mention": f'<a href="https://t.me/{text[1:]}">{text}</a>',
        "mention_name": f'<a href="" onclick="return ShowMentionName()">{text}</a>',
        "hashtag": f'<a href="" onclick="return ShowHashtag(&quot;{text[1:]}&quot;)">{text}</a>',
        "email": f'<a href="mailto:{text}">{text}</a>',
        "custom_emoji": f'<a href="" onclick="return ShowNotLoadedEmoji();">{text}</a>',
        "spoiler": '<span class="spoiler hidden" onclick="ShowSpoiler(this)"><span aria-hidden="true">'
        f"{text}</span></span>",
    }
    return forms.get(kind, text)
