"""Links of the paper itself: code, video, data."""

from __future__ import annotations

from pipeline.reading.lines import clean
from pipeline.reading.pages import Page
from store.records import Box, Link


def link_kind(url: str) -> str:
    """`code`, `video`, `data`, `paper` or `web`, by the host alone."""
    hosts = {
        "code": ("github.com", "gitlab.com", "bitbucket.org", "github.io", "codeberg.org"),
        "video": ("youtube.com", "youtu.be", "vimeo.com"),
        "data": ("huggingface.co", "zenodo.org", "kaggle.com", "figshare.com"),
        "paper": ("arxiv.org", "doi.org", "openreview.net", "aclanthology.org"),
    }
    return next((kind for kind, names in hosts.items() if any(name in url for name in names)), "web")


def links_of(pages: list[Page], cited: dict[int, list[Box]]) -> tuple[Link, ...]:
    """Web links in order, each once; those inside the references (`cited`, boxes by page) are not the paper's own."""
    found: dict[str, Link] = {}
    for page in pages:
        for url, box in page.links:
            x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
            inside = any(b[0] - 2 <= x <= b[2] + 2 and b[1] - 2 <= y <= b[3] + 2 for b in cited.get(page.number, ()))
            if url.startswith(("http://", "https://")) and not inside:
                found.setdefault(url, Link(kind=link_kind(url), url=clean(url), page=page.number))
    return tuple(found.values())
