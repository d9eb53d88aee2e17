"""The dashboard: `streamlit run ui/app.py`, or `razbor ui`."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from store.errors import RazborError
from ui.views import faults, shell

st.set_page_config(page_title="Разбор", page_icon="🔹", layout="wide")
st.html(Path(__file__).parent / "views" / "style.css")
page = st.navigation(
    [
        st.Page(shell.POSTS, title="Посты", icon=":material/list:", url_path="posts", default=True),
        st.Page(shell.POST, title="Пост", icon=":material/article:", url_path="post"),
        st.Page(shell.EDIT, title="Правка", icon=":material/edit:", url_path="edit"),
        st.Page(shell.PAPER, title="Статья", icon=":material/menu_book:", url_path="paper"),
        st.Page(shell.SEARCH, title="Поиск", icon=":material/search:", url_path="search"),
    ],
    position="top",
)
try:
    page.run()
except RazborError as error:
    faults.show(error)
