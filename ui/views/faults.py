"""What the dashboard says of an error: one Russian sentence and what to do, by the kind of the error."""

from __future__ import annotations

import streamlit as st

from pipeline import errors as work
from store import errors as store
from store.errors import RazborError

_REINDEX = "Выполните `razbor reindex`."
_DOCTOR = "Выполните `razbor doctor`: он найдёт причину."
_SENTENCES: dict[type[RazborError], tuple[str, str]] = {
    store.IndexMismatch: ("Поисковый индекс построен другой моделью эмбеддингов, не той, что задана сейчас.", _REINDEX),
    store.IndexBroken: ("Поисковый индекс пуст или повреждён.", _REINDEX),
    store.EmbeddingError: ("Модель эмбеддингов не загружается.", "Проверьте настройку `RAZBOR_EMBEDDING_MODEL`."),
    store.DatabaseError: ("База данных недоступна или повреждена.", _DOCTOR),
    store.DiskFull: ("На диске кончилось место, ничего не изменено.", "Освободите место и повторите."),
    store.NotFound: ("В библиотеке этого нет.", "Выберите другое в списке."),
    store.Locked: ("Данные заняты другим процессом.", "Повторите через минуту."),
    store.BadQuery: ("Искать нечего.", "Введите несколько слов."),
    store.Superseded: ("Пока вы правили, сохранена более новая редакция; ваш текст не записан.", "Сравните и решите."),
    store.StoreError: ("Хранилище отказало.", _DOCTOR),
    work.SettingsError: ("Одна из настроек неверна.", "Исправьте её в окружении или в файле `.env`."),
    work.PromptError: ("Один из файлов промптов неверен.", "Выполните `razbor prompts check`."),
    work.BadPdf: ("Этот PDF не читается.", "Скачайте статью заново."),
    work.ReadingError: ("Страницу нарисовать не удалось.", "Откройте PDF сами: его адрес — вверху страницы."),
    work.InputError: ("В тексте ничего нет.", "Напишите хотя бы заголовок."),
}


def sentence(error: RazborError) -> str:
    """What happened and what to do, in Russian; nothing of the error's own text, so nothing that could be markup."""
    for kind in type(error).__mro__:
        if kind in _SENTENCES:
            return " ".join(_SENTENCES[kind])
    return f"Что-то пошло не так. {_DOCTOR}"


def show(error: RazborError) -> None:
    """Show an error to a person; its own words, in English, are a click away."""
    st.error(sentence(error), icon=":material/error:")
    with st.expander("Подробности"):
        st.code(str(error), language=None, wrap_lines=True)
