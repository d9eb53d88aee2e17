"""Tables and figures of the sample paper, and the page they stand on. A piece is a PDF page as large as its content."""

import io
from pathlib import Path

import matplotlib as mpl
import pymupdf
from matplotlib import pyplot as plt

from tests.sample.facts import HIGH, JUDGES, LOW, METHODS, Facts

FONTS = Path(mpl.get_data_path()) / "fonts" / "ttf"
PAGE = pymupdf.paper_rect("a4")
MARGIN, TOP, BOTTOM, GUTTER, GAP = 51, 54, 786, 18, 14
WIDTH = PAGE.width - 2 * MARGIN
COLUMN = (WIDTH - GUTTER) / 2
CSS = """
@font-face {font-family: stix; src: url(STIXGeneral.ttf)}
@font-face {font-family: stix; font-weight: bold; src: url(STIXGeneralBol.ttf)}
@font-face {font-family: stix; font-style: italic; src: url(STIXGeneralItalic.ttf)}
body {font-family: stix; font-size: 10.4pt; line-height: 1.2; text-align: justify; margin: 0}
h1 {font-size: 17pt; text-align: center; margin: 0 0 8pt 0; line-height: 1.2}
h2 {font-size: 11.5pt; text-align: left; margin: 9pt 0 4pt 0}
p {margin: 0 0 4.5pt 0}
sup {font-size: 7pt}
h2.first {margin-top: 0}
.abstract {text-align: center; margin: 6pt 0 4pt 0}
.author {text-align: center; font-size: 11pt; margin: 0 0 3pt 0}
.note {text-align: center; font-size: 8.5pt; font-style: italic}
.number {text-align: center; font-size: 9pt}
.caption {font-size: 9pt; line-height: 1.15; margin: 0}
#references p {font-size: 8.8pt; line-height: 1.12; text-align: left; margin: 0 0 3.5pt 0}
"""


def story(html: str) -> pymupdf.Story:
    return pymupdf.Story(html, user_css=CSS, archive=pymupdf.Archive(str(FONTS)))


def text_piece(html: str, width: float) -> pymupdf.Document:
    _, filled = story(html).place(pymupdf.Rect(0, 0, width, PAGE.height))
    box = pymupdf.Rect(0, 0, width, filled[3] + 1)
    placed = story(html)
    placed.place(box)
    buffer = io.BytesIO()
    writer = pymupdf.DocumentWriter(buffer)
    placed.draw(writer.begin_page(box))
    writer.end_page()
    writer.close()
    return pymupdf.open(stream=buffer.getvalue(), filetype="pdf")


def figure_piece(figure: plt.Figure) -> pymupdf.Document:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="pdf", metadata={"CreationDate": None})
    plt.close(figure)
    return pymupdf.open(stream=buffer.getvalue(), filetype="pdf")


def stack(*pieces: pymupdf.Document, gap: float = 4) -> pymupdf.Document:
    """Pieces one below the other."""
    width, heights = pieces[0][0].rect.width, [piece[0].rect.height for piece in pieces]
    whole = pymupdf.open()
    page = whole.new_page(width=width, height=sum(heights) + gap * (len(pieces) - 1))
    y = 0.0
    for piece, height in zip(pieces, heights, strict=True):
        page.show_pdf_page(pymupdf.Rect(0, y, width, y + height), piece)
        y += height + gap
    return whole


def table_piece(
    width: float,
    columns: list[float],
    header: list[str],
    rows: list[list[str]],
    groups: tuple[tuple[str, float, float], ...] = (),
    *,
    size: float = 9,
) -> pymupdf.Document:
    """A table in three rules. Parts of the width: right edges of the columns after the first, both ends of groups."""
    pitch = 12.5
    height = pitch * (1 + bool(groups) + len(rows)) + 8 + bool(groups)
    document = pymupdf.open()
    page = document.new_page(width=width, height=height)
    page.insert_font(fontname="stix", fontfile=str(FONTS / "STIXGeneral.ttf"))
    font = pymupdf.Font(fontfile=str(FONTS / "STIXGeneral.ttf"))

    def rule(y: float, weight: float) -> None:
        page.draw_line((0, y), (width, y), width=weight)

    def line(y: float, cells: list[str]) -> None:
        page.insert_text((2, y), cells[0], fontname="stix", fontsize=size)
        for text, edge in zip(cells[1:], columns, strict=True):
            page.insert_text((edge * width - font.text_length(text, size), y), text, fontname="stix", fontsize=size)

    rule(0.5, 0.9)
    y = pitch - 1.0
    for text, left, right in groups:
        middle = (left + right) / 2 * width - font.text_length(text, size) / 2
        page.insert_text((middle, y), text, fontname="stix", fontsize=size)
        page.draw_line((left * width, y + 3.5), (right * width, y + 3.5), width=0.4)
    if groups:
        y += pitch + 1
    line(y, header)
    rule(y + 4.5, 0.5)
    y += pitch
    for cells in rows:
        line(y + 3.5, cells)
        y += pitch
    rule(height - 0.6, 0.9)
    return document


def caption(text: str, width: float) -> pymupdf.Document:
    label, rest = text.split(". ", 1)
    return text_piece(f'<p class="caption"><b>{label}.</b> {rest}</p>', width)


def table_one(f: Facts) -> pymupdf.Document:
    edges = [0.345, 0.44, 0.53, 0.625, 0.715, 0.81, 0.90, 0.995]
    groups = tuple((name, edges[2 * i] - 0.06, edges[2 * i + 1]) for i, name in enumerate(JUDGES.values()))
    rows = [["Oracle"] + [part for judge in JUDGES for part in ("0.0", f"{f.oracle(judge):.2f}")]]
    for method, label in METHODS.items():
        scores = [f.cell(judge)[method] for judge in JUDGES]
        rows.append([label] + [p for s in scores for p in (f"{100 * s['broken']:.1f}", f"{s['coverage']:.2f}")])
    text = (
        f"Table 1. The {HIGH:.0%} promise with {f.n} labels: share of runs in which it is broken (%, at most "
        f"{f.setup['delta']:.0%} is allowed) and mean coverage, over {f.setup['runs']:,} calibration sets."
    )
    header = ["Method", *["broken", "coverage"] * len(JUDGES)]
    return stack(caption(text, WIDTH), table_piece(WIDTH, edges, header, rows, groups))


def table_two(f: Facts) -> pymupdf.Document:
    def labels(size: int | None) -> str:
        return f"{size:,}" if size else f"> {f.largest:,}"

    rows = [
        [JUDGES[judge], f"{target:.0%}", f"{f.oracle(judge, target):.2f}", f"{100 * f.slack(judge, target):.2f}"]
        + [labels(f.need(judge, target, method)) for method in ("sequence", "bonferroni")]
        for target in (HIGH, LOW)
        for judge in JUDGES
    ]
    text = (
        f"Table 2. Labels needed for a mean coverage of {f.setup['near_oracle']:.0%} of the oracle’s. "
        "The sequence starts late. Slack: tolerated minus true error rate at that coverage, in percentage points."
    )
    header = ["Judge", "Promise", "Oracle", "Slack", "Sequence", "Bonferroni"]
    return stack(caption(text, COLUMN), table_piece(COLUMN, [0.34, 0.475, 0.60, 0.785, 0.998], header, rows, size=8.5))


METHOD_LOOKS = {
    "sequence": ("#0b4f8a", "-", "o"),
    "sequence_top": ("#0b4f8a", ":", "^"),
    "bonferroni": ("#c2571a", "--", "s"),
}
JUDGE_LOOKS = {
    "calibrated": ("#0b4f8a", "-"),
    "overconfident": ("#c2571a", "--"),
    "coarse": ("#4a8f3c", "-."),
    "blind_spot": ("#7a3b8f", ":"),
}


def style() -> None:
    for file in FONTS.glob("STIXGeneral*.ttf"):
        mpl.font_manager.fontManager.addfont(file)
    mpl.rcParams.update(
        {
            "font.family": "STIXGeneral",
            "font.size": 8.5,
            "pdf.fonttype": 42,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.linewidth": 0.6,
            "axes.titlesize": 9,
            "lines.linewidth": 1.2,
            "lines.markersize": 2.8,
            "legend.frameon": False,
            "legend.handlelength": 2.4,
        }
    )


def figure_one(f: Facts) -> pymupdf.Document:
    figure, axes = plt.subplots(1, len(JUDGES), sharey=True, figsize=(WIDTH / 72, 2.1), layout="constrained")
    near = f.setup["near_oracle"]
    for axis, (judge, title) in zip(axes, JUDGES.items(), strict=True):
        sizes = [int(size) for size in f.results["cells"][judge]]
        for method, (colour, dash, mark) in METHOD_LOOKS.items():
            share = [f.cell(judge, size)[method]["coverage"] / f.oracle(judge) for size in sizes]
            axis.plot(sizes, share, dash, color=colour, marker=mark, label=METHODS[method])
        axis.axhline(near, color="0.55", linewidth=0.6)
        axis.set(xscale="log", title=title, ylim=(-0.02, 1.04), xlabel="labels", xticks=[100, 1000, 10000])
        axis.set_xticklabels(["100", "1,000", "10,000"])
        axis.minorticks_off()
    axes[0].set_ylabel("coverage / oracle coverage")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(METHOD_LOOKS))
    text = (
        f"Figure 1. Mean coverage relative to the oracle under the {HIGH:.0%} promise, by number of labels. The "
        f"grey line marks {near:.0%}. For the coarse judge the two starts coincide from {f.coincide_from} labels on."
    )
    return stack(figure_piece(figure), caption(text, WIDTH))


def figure_two(f: Facts) -> pymupdf.Document:
    figure, axis = plt.subplots(figsize=(COLUMN / 72, 2.2), layout="constrained")
    for judge, label in JUDGES.items():
        colour, dash = JUDGE_LOOKS[judge]
        axis.plot(f.percents, [f.sweep(judge, percent) for percent in f.percents], dash, color=colour, label=label)
    axis.axvline(100 * f.setup["start_share"], color="0.55", linewidth=0.6)
    axis.set(
        xlabel="first threshold of the sequence, % of items", ylabel="mean coverage", ylim=(-0.02, 0.74), xlim=(0, 61)
    )
    figure.legend(loc="outside upper center", ncols=2)
    text = (
        f"Figure 2. Mean coverage of fixed-sequence testing by its starting point, {f.n} labels, {HIGH:.0%} promise. "
        "The grey line marks our late start."
    )
    return stack(figure_piece(figure), caption(text, COLUMN))
