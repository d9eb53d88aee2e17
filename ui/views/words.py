"""The Russian of the dashboard: plural forms, amounts, dates, and names for outcomes, checks and stations."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from store.records import Outcome

NBSP = "\u00a0"

OUTCOMES: dict[Outcome, str] = {
    "needs_person": "нужен человек",
    "accepted": "принят",
    "skipped": "пропущен",
    "failed": "не удалось",
}
"""In the order in which a person wants to see them."""

STATIONS = {
    "identify": "распознавание",
    "fetch": "загрузка",
    "read": "чтение",
    "condense": "заметки",
    "reviews": "рецензии",
    "brief": "конспект",
    "route": "выбор пути",
    "outline": "план",
    "write_section": "разделы",
    "assemble": "сборка",
    "check": "проверки",
    "judge": "судья",
    "repair": "исправление",
    "keep": "сохранение",
}
CHECKS = {
    "reading": "Чтение статьи",
    "evidence": "Доказательства",
    "number": "Числа",
    "mixed_script": "Смешанные алфавиты",
    "foreign_script": "Чужая письменность",
    "untranslated": "Непереведённое",
    "calque": "Кальки",
    "typography": "Типографика",
    "repeat": "Повторы",
    "form": "Форма поста",
}
DECISIONS = {"accept": "принять", "revise": "исправить", "abstain": "воздержаться"}
MARKS = {
    "faithful": "верность статье",
    "clear": "ясность",
    "complete": "полнота",
    "russian": "русский язык",
    "format": "форма",
}
ROLES = {"writer": "автор", "judge": "судья", "strong_judge": "строгий судья"}
PASSAGES = {
    "text": "текст",
    "footnote": "сноска",
    "caption": "подпись",
    "table": "таблица",
    "figure": "текст рисунка",
}
LINKS = {
    "code": "код",
    "video": "видео",
    "data": "данные",
    "project": "страница проекта",
    "paper": "статья",
    "web": "сайт",
}
WATCHED = {"authors": "авторы", "acknowledgements": "благодарности", "references": "литература"}
HIDDEN = {
    "invisible": "напечатан без краски",
    "no ink": "не оставляет следа на странице",
    "white": "белый",
    "background": "цвета фона",
    "tiny": "мельче, чем можно прочесть",
    "mirrored": "отражён",
    "covered": "закрыт сверху",
    "off-page": "за краем страницы",
    "layer": "на выключенном слое",
    "annotation": "в аннотации PDF",
    "form field": "в поле формы",
    "attachment": "во вложенном файле",
    "outline": "в оглавлении файла",
    "metadata": "в метаданных файла",
    "tag characters": "невидимыми знаками Юникода",
    "zero-width characters": "знаками нулевой ширины",
}
LANGUAGES = {"en": "английский", "ru": "русский"}
_MONTHS = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
]


def plural(number: int, one: str, few: str, many: str) -> str:
    """The form that goes with a number: 1 утверждение, 2 утверждения, 5 утверждений, 11 утверждений."""
    if number % 10 == 1 and number % 100 != 11:
        return one
    if number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14):
        return few
    return many


def counted(number: int, one: str, few: str, many: str) -> str:
    """The number and the word in its form, which no line break parts."""
    return f"{amount(number)}{NBSP}{plural(number, one, few, many)}"


def reasons(number: int) -> str:
    return counted(number, "причина", "причины", "причин")


def amount(number: float, digits: int = 0) -> str:
    """A number in Russian notation: 4096, 12 345,67; thousands are parted from five digits on, by no-break spaces."""
    written = f"{number:,.{digits}f}" if number >= 10_000 else f"{number:.{digits}f}"
    return written.replace(",", NBSP).replace(".", ",")


def duration(seconds: float) -> str:
    """45 с, 2 мин 5 с, 1 ч 3 мин."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}{NBSP}ч {minutes}{NBSP}мин"
    return f"{minutes}{NBSP}мин {rest}{NBSP}с" if minutes else f"{rest}{NBSP}с"


def moment(time: datetime, zone: tzinfo) -> str:
    """23 ноября 2026, 21:34; a time in UTC says so."""
    local = time.astimezone(zone)
    written = f"{local.day}{NBSP}{_MONTHS[local.month - 1]} {local.year}, {local:%H:%M}"
    return f"{written}{NBSP}UTC" if zone is UTC else written


def author(name: str) -> str:
    return "человек" if name == "person" else name
