"""OpenReview: forums, venues, searches and PDFs through openreview-py, API 2 first, then API 1 for venues until 2023.

What comes back is the service's own raw notes, untrusted; `pipeline.sources.openreview.forums` makes records of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from threading import RLock
from typing import Any
from urllib.parse import urlsplit

from urllib3.util.retry import Retry

from pipeline.errors import BadPdf, NeedsLogin, SettingsError, SourceError, UnknownPaper
from pipeline.settings import Settings
from pipeline.sources.openreview.session import LATER, RETRY, OpenReviewSession

Raw = Mapping[str, Any]

SITE = "https://openreview.net"
API2, API1 = "https://api2.openreview.net", "https://api.openreview.net"
PAGE = 250
"""Submissions a request when a venue is listed: each brings all its replies."""
FOUND = 20
"""Notes of a search that are looked at."""
SESSION_SECONDS = 24 * 3600


class OpenReview:
    """Both APIs of one service, one question at a time; it logs in at the first one if there is an account.

    Every method raises:
        NeedsLogin: it refuses callers without an account, refuses the account, or wants a person.
        SourceBusy: no connection, 429, 5xx, half an answer: later (`retryable`).
        SourceError: an answer that cannot be understood.
        UnknownPaper: no such forum or venue.
    """

    def __init__(self, settings: Settings, retry: Retry = RETRY) -> None:
        self._settings, self._retry = settings, retry
        self._turn = RLock()
        self._doors: dict[int, Any] = {}
        self._refused: NeedsLogin | None = None

    def forum(self, forum: str) -> tuple[Raw, list[Raw]]:
        """The submission and all its replies. A reply's id leads to its forum."""
        for api in (2, 1):
            client = self._door(api)
            try:
                notes = self._ask(client.get_notes, id=forum, details="replies")
            except UnknownPaper:
                continue
            root = next((raw for raw in notes if raw.get("id") == forum), None)
            if root is None:
                continue
            above = root.get("forum")
            if isinstance(above, str) and above not in ("", forum):
                return self.forum(above)
            replies = replies_of(root)
            if replies is None:
                replies = [raw for raw in self._pages(client, forum=forum) if raw.get("id") != forum]
            return root, replies
        raise UnknownPaper(f"OpenReview knows no forum {forum}.", "Check the id; the forum may not be public.")

    def submissions(self, venue: str, at: Callable[[int], None] = lambda done: None) -> Iterator[Raw]:
        """All submissions of a venue with their replies; `at` hears how many came.

        A venue is named as on its page (`ICLR.cc/2025/Conference`).
        """
        wanted: list[tuple[int, dict[str, Any]]] = [
            (2, {"invitation": f"{venue}/-/Submission"}),
            (2, {"content": {"venueid": venue}}),
            (1, {"invitation": f"{venue}/-/Blind_Submission"}),
            (1, {"invitation": f"{venue}/-/Submission"}),
            (1, {"invitation": f"{venue}/-/submission"}),
        ]
        for api, query in wanted:
            count = 0
            try:
                for count, raw in enumerate(self._pages(self._door(api), details="replies", **query), 1):
                    at(count)
                    yield raw
            except UnknownPaper:
                continue
            if count:
                return
        raise UnknownPaper(
            f"OpenReview knows no venue {venue}.", "Name it as its page does, such as ICLR.cc/2025/Conference."
        )

    def search(self, title: str) -> list[Raw]:
        """Submissions that have words of the title, the likeliest first, of both APIs."""
        found: dict[str, Raw] = {}
        for api in (2, 1):
            client = self._door(api)
            notes = self._ask(client.search_notes, term=title, source="forum", limit=FOUND)
            found = {raw["id"]: raw for raw in notes if isinstance(raw.get("id"), str)} | found
        return list(found.values())

    def edits(self, note: str, api: int) -> list[Raw]:
        """The edits of a note as far as the venue shows them: raw notes with what changed, and `edited`, the time."""
        client = self._door(api)
        if api == 1:
            said = self._ask(client.get_references, referent=note)
            return [{**raw, "edited": raw.get("tcdate")} for raw in said]
        said = self._ask(client.get_note_edits, note_id=note)
        return [{**vars(edit["note"]), "edited": edit.get("tcdate")} for edit in said if edit.get("note")]

    def pdf(self, forum: str) -> bytes:
        """The newest PDF. OpenReview serves few an hour: for single papers, never for a whole venue.

        Raises:
            BadPdf: what came is no PDF.   ReadingError: larger than `settings.read_bytes`.
        """
        for api in (2, 1):
            client = self._door(api)
            try:
                with self._turn:
                    data = bytes(client.get_pdf(id=forum))
            except UnknownPaper:
                continue
            if b"%PDF-" in data[:1024]:
                return data
            raise BadPdf("OpenReview sent something that is not a PDF.", "Download it in a browser.", kind="not_pdf")
        raise UnknownPaper(f"OpenReview has no PDF of {forum}.", "Look at its page in a browser.")

    def _pages(self, client: Any, **query: Any) -> Iterator[Raw]:
        """All notes of a query; a page that brings nothing new is the end, whatever size pages have."""
        seen: set[str] = set()
        after: dict[str, str] = {}
        while True:
            page = self._ask(client.get_notes, limit=PAGE, sort="id", **after, **query)
            fresh = [raw for raw in page if isinstance(raw.get("id"), str) and raw["id"] not in seen]
            if not fresh:
                return
            yield from fresh
            seen |= {raw["id"] for raw in fresh}
            after = {"after": fresh[-1]["id"]}

    def _ask(self, question: Callable[..., Any], **query: Any) -> list[Raw]:
        """Raw notes; what the package makes of an answer in a wrong shape becomes one typed error."""
        from openreview import OpenReviewException

        try:
            with self._turn:
                return [vars(note) for note in question(**query)]
        except (OpenReviewException, KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
            raise SourceError("OpenReview's answer is not what its API promises.", LATER) from error

    def _door(self, api: int) -> Any:
        """The package's client for API 1 or 2, logged in if there is an account; a refused one is not tried again."""
        with self._turn:
            if self._refused:
                raise self._refused
            try:
                if api not in self._doors:
                    self._doors[api] = self._opened(api)
            except NeedsLogin as error:
                self._refused = error
                raise
            return self._doors[api]

    def _opened(self, api: int) -> Any:
        from openreview import Client, OpenReviewException
        from openreview.api import OpenReviewClient

        beside = self._settings.openreview_url.rstrip("/")
        api1 = self._settings.openreview_api1_url.rstrip("/") or (API1 if beside == API2 else beside)
        kind, url = (OpenReviewClient, beside) if api == 2 else (Client, api1)
        username = self._settings.openreview_username
        _require_private(url if username else "")
        try:
            client = _guest(kind)(baseurl=url)
            client.session = OpenReviewSession(self._settings.read_bytes, self._retry)
            if username:
                password = self._settings.openreview_password.get_secret_value()
                kind.login_user(client, username, password, expiresIn=SESSION_SECONDS)
                client.session.logged_in = True
        except OpenReviewException as error:
            raise SettingsError(f"{url} is not the right API of OpenReview.", "Mend RAZBOR_OPENREVIEW_URL.") from error
        except (KeyError, TypeError) as error:
            raise SourceError("OpenReview's answer to the login is not what its API promises.", LATER) from error
        return client


def _guest(kind: Any) -> Any:
    """The package's client without the login in its constructor, which comes before a time-out can be set.

    It happens wherever OPENREVIEW_USERNAME is in the environment, though nobody asked for it.
    """

    class Guest(kind):  # type: ignore[misc]
        def login_user(self, *_: object, **__: object) -> None:
            return None

    return Guest


def _require_private(url: str) -> None:
    host = urlsplit(url)
    if url and host.scheme != "https" and host.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise SettingsError("The OpenReview password would travel openly.", "Use https in RAZBOR_OPENREVIEW_URL.")


@lru_cache(maxsize=4)
def shared_client(settings: Settings) -> OpenReview:
    """One client, so one login, for a process."""
    return OpenReview(settings)


def replies_of(root: Raw) -> list[Raw] | None:
    """The replies that came with a submission; None where none came with it, which is not the same as no replies."""
    details = root.get("details")
    replies = details.get("replies") if isinstance(details, Mapping) else None
    return [raw for raw in replies if isinstance(raw, Mapping)] if isinstance(replies, list) else None
