"""The connection under openreview-py: time-outs, few retries, size limits, and typed errors for every refusal.

The package has no time-out, retries eight times and prints each retry on stdout, and reads a body of any size; so its
session is replaced by this one, which looks at every answer before the package parses it.
"""

from __future__ import annotations

import re
import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from pipeline.errors import NeedsLogin, ReadingError, SourceBusy, SourceError, UnknownPaper

TIMEOUT = (5.0, 60.0)
LONGEST = 600.0
MOST_JSON = 256
"""MiB; one page of a large venue with all replies stays far below."""
BUSY = (429, 500, 502, 503, 504)
LATER = "Try again in some minutes: OpenReview slows down callers that ask too often."
ACCOUNT = "Set RAZBOR_OPENREVIEW_USERNAME and RAZBOR_OPENREVIEW_PASSWORD; everything else works without."
RETRY = Retry(
    total=2,
    allowed_methods=frozenset({"GET"}),
    status_forcelist=BUSY,
    backoff_factor=1.0,
    backoff_max=10,
    retry_after_max=30,
    raise_on_status=False,
)


class OpenReviewSession(requests.Session):
    """Every answer is whole, of a bearable size, and JSON with an object at its top (or a PDF); else a typed error.

    Args:
        most_mib: the largest PDF.
        retry: how busy answers are tried again.
    """

    def __init__(self, most_mib: int, retry: Retry = RETRY) -> None:
        super().__init__()
        self.most_mib, self.logged_in = most_mib, False
        for scheme in ("https://", "http://"):
            self.mount(scheme, HTTPAdapter(max_retries=retry))

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Raises: NeedsLogin, SourceBusy, SourceError, UnknownPaper, ReadingError."""
        kwargs = {"timeout": TIMEOUT, **kwargs, "stream": True}
        # A redirected login would carry the password to whoever is named there.
        kwargs["allow_redirects"] = kwargs.get("allow_redirects", True) and method == "GET"
        pdf, login = (str(url).split("?")[0].endswith(end) for end in ("/pdf", "/login"))
        try:
            with super().request(method, url, *args, **kwargs) as answer:
                _take_in(answer, self.most_mib if pdf else MOST_JSON)
        except requests.RequestException as error:
            raise SourceBusy(
                f"OpenReview cannot be reached or broke off ({type(error).__name__}).",
                "Check the network, then try again.",
            ) from error
        if answer.status_code != requests.codes.OK:
            raise self._refusal(answer, login=login)
        if not pdf:
            _require_object(answer, login=login)
        return answer

    def _refusal(self, answer: requests.Response, *, login: bool) -> SourceError | UnknownPaper:
        status, name = answer.status_code, _error_name(answer)
        if status in BUSY:
            return SourceBusy(f"OpenReview answers {status}.", LATER)
        if "Challenge" in name or login or status in (401, 403):
            return self._locked_door(status, name, login=login)
        if status == requests.codes.NOT_FOUND or "NotFound" in name:
            return UnknownPaper("OpenReview knows no such thing.", "Check the id.")
        return SourceError(
            f"OpenReview refuses the request with status {status} {name}".rstrip() + ".", "Check the id."
        )

    def _locked_door(self, status: int, name: str, *, login: bool) -> NeedsLogin:
        mend = "Open openreview.net in a browser, then try again." if self.logged_in else ACCOUNT
        if "Challenge" in name:
            return NeedsLogin("OpenReview needs a login, or a person: it answers with a challenge.", mend)
        if login:
            return NeedsLogin(f"OpenReview refuses the account (status {status}).", "Mend the name and the password.")
        shown = "does not show this to your account" if self.logged_in else "needs a login"
        return NeedsLogin(f"OpenReview {shown} (status {status}).", mend)


def _take_in(answer: requests.Response, most_mib: int) -> None:
    """Read the body within limits of size and time; a body that ends early raises what `requests` raises."""
    started, data = time.monotonic(), bytearray()
    for chunk in answer.iter_content(64 * 1024):
        data += chunk
        if len(data) > most_mib * 2**20:
            raise ReadingError(f"OpenReview's answer is larger than {most_mib} MiB.", "Raise RAZBOR_READ_BYTES.")
        if time.monotonic() - started > LONGEST:
            raise SourceBusy(f"OpenReview's answer took longer than {LONGEST:g} s.", LATER)
    answer._content = bytes(data)  # where `requests` itself keeps a body that was read


def _require_object(answer: requests.Response, *, login: bool) -> None:
    try:
        said = answer.json()
    except (ValueError, RecursionError) as error:
        if answer.content.lstrip()[:1] == b"{":
            raise SourceBusy("OpenReview's answer breaks off in the middle.", LATER) from error
        raise SourceError("OpenReview answers with something else than JSON.", LATER) from error
    if not isinstance(said, dict):
        raise SourceError("OpenReview's answer is not what its API promises.", LATER)
    if login and said.get("mfaPending"):
        # The package would ask on the terminal, or open a browser.
        raise NeedsLogin("OpenReview wants a person: the account has a second factor.", "Use an account without one.")


def _error_name(answer: requests.Response) -> str:
    """The `name` of an error, nothing where the body is something else; its message is never repeated."""
    try:
        said = answer.json()
    except (ValueError, RecursionError):
        return ""
    name = said.get("name") if isinstance(said, dict) else None
    return name if isinstance(name, str) and re.fullmatch(r"[A-Za-z]{1,40}", name) else ""
