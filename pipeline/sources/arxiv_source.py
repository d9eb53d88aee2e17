"""arXiv: metadata through the `arxiv` package, PDFs streamed.

The package has no timeout, retries every status but ignores `Retry-After`, and takes any HTML page with status 200
(a captcha) for an empty list; so its session here has a timeout and looks at what came before the package parses it.
"""

from __future__ import annotations

import re
import time
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

import requests

from pipeline.errors import BadPdf, ReadingError, SourceBusy, SourceError, UnknownPaper
from pipeline.settings import Settings
from pipeline.sources.identity import Target
from store.records import Paper

if TYPE_CHECKING:
    import arxiv

    from store.files import Home

TIMEOUT = (5.0, 30.0)
LONGEST_DOWNLOAD = 600.0
BUSY = (406, 429, 500, 502, 503, 504)
LATER = "Try again in some minutes: arXiv slows down callers that ask too often."
WITHDRAWN = re.compile(
    r"\b(?:this (?:paper|article|submission|manuscript|version) (?:has been|was|is) )?withdrawn\b", re.IGNORECASE
)

# arXiv's terms ask for one request in three seconds from one place (https://info.arxiv.org/help/api/tou.html);
# the package keeps that pace within one client, which is not made for threads
_turn = Lock()


class ArxivSession(requests.Session):
    """A session with a timeout that raises typed errors for answers that the package would misread."""

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Raises: SourceBusy, SourceError, UnknownPaper."""
        kwargs.setdefault("timeout", TIMEOUT)
        try:
            answer = super().request(*args, **kwargs)
        except requests.RequestException as error:
            raise SourceBusy(
                f"arXiv cannot be reached ({type(error).__name__}).", "Check the network, then try again."
            ) from error
        try:
            refuse(answer)
        except (SourceError, UnknownPaper):
            answer.close()
            raise
        if not kwargs.get("stream") and b"<feed" not in answer.content[:2000]:
            raise SourceError("arXiv's API answers something else than its Atom feed.", LATER)
        return answer


def refuse(answer: requests.Response) -> None:
    """Tell a busy arXiv, an unknown paper and a page for people from an answer.

    Raises:
        SourceBusy: 406, 429, 5xx, or a captcha page.
        UnknownPaper: 400 or 404.
        SourceError: any other status.
    """
    status = answer.status_code
    kind = answer.headers.get("Content-Type", "").lower()
    if status in BUSY:
        raise SourceBusy(f"arXiv answers {status}.", LATER)
    if status in (400, 404):
        raise UnknownPaper("arXiv knows no such paper.", "Check the id.")
    if status != requests.codes.OK:
        raise SourceError(
            f"arXiv refuses the request with status {status}.", "Open the paper in a browser and give Razbor the PDF."
        )
    if "html" in kind:
        raise SourceBusy("arXiv answers with a page for people (a captcha) instead of data.", LATER)


def make_client(base_url: str, delay: float = 3.0) -> arxiv.Client:
    """A client for one arXiv host; `delay` in seconds between requests. Its session says at once what is wrong."""
    import arxiv

    client = arxiv.Client(page_size=10, delay_seconds=delay, num_retries=0)
    client.query_url_format = base_url.rstrip("/") + "/api/query?{}"
    client._session = ArxivSession()
    return client


shared_client = lru_cache(maxsize=4)(make_client)


def fetch_arxiv(
    target: Target, settings: Settings, home: Home, client: arxiv.Client | None = None
) -> tuple[Paper, str]:
    """Metadata and PDF of one arXiv paper; return the paper and the SHA-256 of the kept PDF.

    Raises:
        UnknownPaper: arXiv has no such id.
        SourceBusy: no connection, 406, 429, 5xx, a captcha: later (`retryable`).
        SourceError: arXiv refuses, or answers with something else than its API's Atom.
        BadPdf: what came is no PDF.   ReadingError: larger than `settings.read_bytes`.
    """
    client = client or shared_client(settings.arxiv_api_url)
    paper = fetch_metadata(target, client)
    url = f"{settings.arxiv_pdf_url.rstrip('/')}/pdf/{target.arxiv_id}v{paper.version}"
    return paper, home.keep_pdf(download_pdf(url, client._session, settings.read_bytes))


def fetch_metadata(target: Target, client: arxiv.Client) -> Paper:
    """What arXiv's API says of one paper, of the asked version or the newest.

    Raises: as `fetch_arxiv`.
    """
    import arxiv

    asked = target.arxiv_id + (f"v{target.version}" if target.version else "")
    try:
        with _turn:
            found = list(client.results(arxiv.Search(id_list=[asked], max_results=1)))
    except arxiv.ArxivError as error:
        raise SourceError(f"arXiv gave no usable answer: {error.message}.", LATER) from error
    if not found:
        raise UnknownPaper(f"arXiv knows no paper {asked}.", "Check the id and the version.")
    return to_paper(target.paper_id, found[0])


def to_paper(paper_id: str, result: arxiv.Result) -> Paper:
    """The package's result as our record; `withdrawn` by the authors' comment, which is where arXiv says so."""
    comment = result.comment or ""
    version = re.search(r"v(\d+)$", result.entry_id)
    return Paper(
        paper_id=paper_id,
        version=int(version[1]) if version else 1,
        title=" ".join(result.title.split()),
        authors=tuple(author.name for author in result.authors),
        abstract=" ".join(result.summary.split()),
        categories=tuple(result.categories),
        published=result.published,
        updated=result.updated,
        withdrawn=bool(WITHDRAWN.search(comment)),
        url=result.entry_id,
        comment=comment,
    )


def download_pdf(url: str, session: requests.Session, most_mib: int, longest: float = LONGEST_DOWNLOAD) -> bytes:
    """Stream a PDF with limits on size (MiB) and on the whole time (seconds), and see that it is one.

    Raises:
        SourceBusy: it broke off or took too long.   UnknownPaper: no such PDF.
        BadPdf: what came is no PDF.   ReadingError: larger than the limit.
    """
    started = time.monotonic()
    data = bytearray()
    with session.get(url, stream=True) as answer:
        try:
            for chunk in answer.iter_content(64 * 1024):
                data += chunk
                if len(data) > most_mib * 2**20:
                    raise ReadingError(f"The PDF is larger than {most_mib} MiB.", "Raise RAZBOR_READ_BYTES.")
                if time.monotonic() - started > longest:
                    raise SourceBusy(f"The download took longer than {longest:g} s.", LATER)
        except requests.RequestException as error:
            raise SourceBusy(f"The download broke off ({type(error).__name__}).", LATER) from error
        expected = int(answer.headers.get("Content-Length", 0))
    if len(data) < expected:
        raise SourceBusy(f"The download broke off after {len(data)} of {expected} bytes.", LATER)
    if b"%PDF-" not in data[:1024]:
        raise BadPdf(
            "arXiv sent something that is not a PDF.",
            "Open the paper in a browser and give Razbor the PDF.",
            kind="not_pdf",
        )
    return bytes(data)
