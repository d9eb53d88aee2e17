"""Lists of references: found, split into entries, and each entry understood."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.reading.backmatter.entry import parse_reference
from pipeline.reading.document import read_document
from pipeline.reading.opening import open_pdf
from store.records import Document
from tests.pdfs import Sheet

NATBIB = [
    "Iz Beltagy, Matthew E. Peters, and Arman Cohan. Longformer: The long-document transformer. arXiv preprint "
    "arXiv:2004.05150, 2020.",
    "Kaiming He, Xiangyu Zhang, Shaoqing Ren, and Jian Sun. Deep residual learning for image recognition. In "
    "Proceedings of CVPR, pages 770-778, 2016.",
    "Rowan Zellers, Ari Holtzman, and Yejin Choi. HellaSwag: Can a machine really finish your sentence? In ACL, 2019.",
    "Hugo Touvron and Guillaume Lample. Llama 2: Open foundation and fine-tuned chat models, 2023. URL "
    "https://arxiv.org/abs/2307.09288.",
    "Ashish Vaswani, Noam Shazeer, Niki Parmar, et al. Attention is all you need. Advances in Neural Information "
    "Processing Systems, 30, 2017.",
    "Jason Wei, Xuezhi Wang, and Denny Zhou. Chain-of-thought prompting elicits reasoning in large language models. "
    "NeurIPS, 35:24824-24837, 2022.",
]


def read(path: Path) -> Document:
    return read_document(open_pdf(path, 400), "file:0")


def paper(columns: int = 1, filler: int = 6) -> Sheet:
    sheet = Sheet(columns)
    sheet.line("On Lists of Works", 18, "tibo")
    sheet.line("1 Introduction", 12, "tibo", gap=20)
    for number in range(filler):
        sheet.paragraph(f"Paragraph {number} says something about the matter and is as long as paragraphs are. " * 4)
    return sheet


@pytest.mark.parametrize(
    ("text", "year", "arxiv_id", "doi"),
    [
        ("A. Author. A title. arXiv preprint arXiv:2404.00456, 2024.", 2024, "2404.00456", ""),
        ("B. Author. A title. CoRR, abs/1301.3781, 2013.", 2013, "1301.3781", ""),
        ("C. Author. 1998. Old physics. arXiv:astro-ph/0601001.", 1998, "astro-ph/0601001", ""),
        ("D. Author. A title. Journal 12:1997-2005, 2019b. doi: 10.1000/xyz123.", 2019, "", "10.1000/xyz123"),
        ("E. Author. A title. To appear.", None, "", ""),
        ("F. Author. A title. https://doi.org/10.48550/arXiv.2310.06825, 2023.", 2023, "2310.06825",
         "10.48550/arXiv.2310.06825"),
        ("G. Author. A page. https://a.org/2019/x, 2021. Last accessed June 5, 2022.", 2021, "", ""),
        ("H. Author, Phys. Rev. D 53, 2236 (1996), [hep-ph/9507385].", 1996, "hep-ph/9507385", ""),
        ("I. Author. A title. ArXiv abs/2022.99999 (2022).", 2022, "", ""),
    ],
)  # fmt: skip
def test_year_and_ids(text: str, year: int | None, arxiv_id: str, doi: str) -> None:
    reference = parse_reference(text)
    assert (reference.year, reference.arxiv_id, reference.doi) == (year, arxiv_id, doi)
    assert reference.text == text


@pytest.mark.parametrize(
    ("text", "title"),
    [
        # conferences on machine learning, natural language, vision
        (NATBIB[0], "Longformer: The long-document transformer"),
        (NATBIB[2], "HellaSwag: Can a machine really finish your sentence?"),
        (NATBIB[3], "Llama 2: Open foundation and fine-tuned chat models"),
        ("Jacob Devlin and Kenton Lee. 2019. BERT: Pre-training of deep transformers. In NAACL.",
         "BERT: Pre-training of deep transformers"),
        ("Abbasi-Yadkori, Y., Pál, D., and Szepesvári, C. Improved algorithms for linear bandits. In NeurIPS, 2011.",
         "Improved algorithms for linear bandits"),
        ("Kingma, D. P. and Ba, J. Adam: A method for stochastic optimization. In ICLR, 2015.",
         "Adam: A method for stochastic optimization"),
        ("Bahdanau, Dzmitry, Cho, Kyunghyun, and Bengio, Yoshua. Neural machine translation. arXiv, 2014.",
         "Neural machine translation"),
        ("Griffin Adams and Noémie Elhadad. 2021. What’s in a Summary? Laying the Groundwork. In Proceedings.",
         "What’s in a Summary? Laying the Groundwork"),
        ("S. Garg and G. Valiant. What can transformers learn in-context? a case study. NeurIPS, 2022.",
         "What can transformers learn in-context? a case study"),
        ("[4] Mistral. Mixtral 8x22b report, 2024.", "Mixtral 8x22b report"),
        ("Albert Q. Jiang, Thomas Wang, and William El Sayed. Mistral 7b, 2023.", "Mistral 7b"),
        ("The Mosaic ML Team. 2021. composer. https://github.com/mosaicml/composer/.", "composer"),
        # engineering, in quotation marks
        ("[3] K. He, X. Zhang, and J. Sun, “Deep residual learning,” in Proc. CVPR, Jun. 2016, pp. 770–778.",
         "Deep residual learning"),
        ("Chetverikov, Denis, and Andres Santos. 2018. “On the Adaptivity of Estimators.” Econometrica 86 (1): 1–34.",
         "On the Adaptivity of Estimators"),
        ("Ribeiro, M. T., & Guestrin, C. (2016). “Why should I trust you?” Explaining the predictions of any "
         "classifier. In KDD.", "Why should I trust you?” Explaining the predictions of any classifier"),
        # Springer
        ("3. Krizhevsky, A., Sutskever, I., Hinton, G.E.: ImageNet classification with deep networks. In: NIPS (2012)",
         "ImageNet classification with deep networks"),
        # psychology, statistics, medicine, Nature, Elsevier
        ("Agrawal, R. (1995). Sample mean based index policies with O(log n) regret. Advances in Probability, 27.",
         "Sample mean based index policies with O(log n) regret"),
        ("1. Bange EM, Han NA, Robinson J, et al. CD8(+) T cells contribute to survival. Nat Med. 2021;27:1280–9.",
         "CD8(+) T cells contribute to survival"),
        ("5. Silver, D. et al. Mastering the game of Go with deep neural networks. Nature 529, 484–489 (2016).",
         "Mastering the game of Go with deep neural networks"),
        ("Breiman, L., 2001. Random forests. Machine Learning 45, 5–32.", "Random forests"),
        ("[6] Y. LeCun, Y. Bengio, G. Hinton, Deep learning, Nature 521 (2015) 436–444.", "Deep learning"),
        ("[9] E. Candès and T. Tao, Decoding by linear programming, IEEE Trans. Inform. Theory 51 (2005), 4203–4215.",
         "Decoding by linear programming"),
        # physics: with titles, and without
        ("[1] R. N. Cahn and J. D. Jackson, Spin orbit and tensor forces, Phys. Rev. D68, 037502 (2003).",
         "Spin orbit and tensor forces"),
        ("[1] J.M.Grames, C.K.Sinclair et al, Phys. Rev. C 102, 015501 (2020)", ""),
        ("[11] P. W. Anderson, Phys. Rev. 109, 1492 (1958).", ""),
        ("[8] Ellis G F R and Stoeger W, 1987 Class. Quantum Grav. 4 1697", ""),
        ("[9] Peebles P J E, 1993 Principles of Physical Cosmology (Princeton, NJ: Princeton University Press)",
         "Principles of Physical Cosmology"),
        ("Brown, P., Assink, J. D., Astiz, L., et al. 2013, Nature, 503, 238", ""),
        ("Mainzer et al. 2011, ApJ, 741, 90", ""),
        ("[2] Matos T., and Guzman F. Class.Quant.Grav.17:L9-L16,2000, [gr-qc/9810028].", ""),
        ("[12] Dodelson S. Modern Cosmology (Academic Press, 2003).", "Modern Cosmology"),
        # the Russian standard
        ("1. Иванов И. И., Петров П. П. Методы машинного обучения // Вестник МГУ. – 2020. – Т. 15. – С. 12–25.",
         "Методы машинного обучения"),
        ("2. Воронцов К. В. Математические методы обучения. — М.: МФТИ, 2011. — 141 с.",
         "Математические методы обучения"),
        ("3. Николенко, С. И. Глубокое обучение / С. И. Николенко, А. А. Кадурин. – СПб. : Питер, 2018. – 480 с.",
         "Глубокое обучение"),
        ("4. Vaswani A., Shazeer N. et al. Attention is all you need // Advances in NIPS. 2017. Vol. 30.",
         "Attention is all you need"),
        ("5. PyTorch documentation [Электронный ресурс]. URL: https://pytorch.org/docs (дата обращения: 12.03.2023).",
         "PyTorch documentation"),
    ],
)  # fmt: skip
def test_titles_in_the_styles_of_many_fields(text: str, title: str) -> None:
    assert parse_reference(text).title == title


def test_a_hostile_entry_takes_no_time() -> None:
    for text in ("A" * 5000, "Aa " * 3000, "A. " * 3000, "Aa, A., " * 1500, "“" * 3000, "Ab-" * 3000):
        assert len(parse_reference(text).text) == len(text)


@pytest.mark.parametrize("columns", [1, 2])
def test_hanging_entries_over_columns_and_pages(tmp_path: Path, columns: int) -> None:
    entries = [f"{entry[:-1]}, number {number}." for number in range(8) for entry in NATBIB]
    sheet = paper(columns)
    sheet.line("References", 12, "tibo", gap=14)
    for entry in entries:
        sheet.paragraph(entry, 9, hang=12, gap=3)
    document = read(sheet.save(tmp_path / "hanging.pdf"))
    assert [reference.text for reference in document.references] == entries
    pages = [reference.page for reference in document.references]
    assert pages == sorted(pages)
    assert pages[-1] == document.pages > pages[0]


@pytest.mark.parametrize("form", ["[{}] ", "{}. ", "({}) ", "{} "])
def test_marks_begin_entries_and_are_their_labels(tmp_path: Path, form: str) -> None:
    entries = [f"{form.format(number)}{entry}" for number, entry in enumerate(NATBIB * 3, 1)]
    sheet = paper(2)
    sheet.line("References", 12, "tibo", gap=14)
    for entry in entries:
        sheet.paragraph(entry, 9, gap=0)
    references = read(sheet.save(tmp_path / "marked.pdf")).references
    assert [reference.text for reference in references] == entries
    assert [reference.label for reference in references] == [form.format(n).strip() for n in range(1, 19)]
    assert references[0].title == "Longformer: The long-document transformer"


@pytest.mark.parametrize(("hang", "gap"), [(0, 7), (0, 0), (-14, 0)], ids=["gaps", "nothing", "first row indented"])
def test_entries_without_marks_or_hanging_indent(tmp_path: Path, hang: int, gap: int) -> None:
    sheet = paper()
    sheet.line("References", 12, "tibo", gap=14)
    for entry in NATBIB:
        for number, row in enumerate(sheet.wrap(entry, 9, abs(hang))):
            sheet.line(row, 9, indent=-hang if not number else 0, gap=0 if number else gap)
    references = read(sheet.save(tmp_path / "plain.pdf")).references
    assert [reference.text for reference in references] == NATBIB


def test_lists_of_the_paper_and_of_its_appendix(tmp_path: Path) -> None:
    sheet = paper()
    sheet.line("References", 12, "tibo", gap=14)
    for entry in NATBIB[:3]:
        sheet.paragraph(entry, 9, hang=12)
    sheet.line("A Appendix", 12, "tibo", gap=20)
    sheet.paragraph("The appendix tells what the paper had no room for, and cites works of its own. " * 5)
    sheet.line("Appendix References", 12, "tibo", gap=14)
    for entry in NATBIB[3:]:
        sheet.paragraph(entry, 9, hang=12)
    document = read(sheet.save(tmp_path / "two.pdf"))
    assert [reference.text for reference in document.references] == NATBIB
    assert any("no room for" in passage.text for passage in document.passages)


def test_footnotes_and_notices_are_no_entries(tmp_path: Path) -> None:
    sheet = paper(filler=1)
    sheet.line("References", 12, "tibo", gap=14)
    for entry in NATBIB:
        sheet.paragraph(entry, 9, hang=12, gap=2)
    sheet.line("Received September 29, 2000", 9, gap=10)
    sheet.line("Accepted June 20, 2001", 9)
    assert [r.text for r in read(sheet.save(tmp_path / "dates.pdf")).references] == NATBIB


def test_addresses_broken_over_rows_are_mended(tmp_path: Path) -> None:
    sheet = paper(filler=1)
    sheet.line("References", 12, "tibo", gap=14)
    rows = (
        "[1] Leo Gao and Andy Zou. A framework for evaluation, 2024. URL https://zenodo.org/records/",
        "12608602. arXiv:hep-",
        "ph/0503134. doi: 10.18653/v1/2021.",
        "emnlp-main.627.",
        "[2] Leo Gao. A second work that is cited, 2023. URL https://github.",
        "com/some/thing.",
    )
    for row in rows:
        sheet.line(row, 9)
    first, second = read(sheet.save(tmp_path / "broken.pdf")).references
    assert "https://zenodo.org/records/12608602." in first.text
    assert (first.arxiv_id, first.doi) == ("hep-ph/0503134", "10.18653/v1/2021.emnlp-main.627")
    assert second.text.endswith("https://github.com/some/thing.")


def test_a_numbered_list_without_a_heading(tmp_path: Path) -> None:
    entries = [f"{n}. A. Author, Phys. Rev. D {n}{n}, 12345 (200{n}), and more of the same kind." for n in range(1, 9)]
    sheet = paper()
    for entry in entries:
        sheet.paragraph(entry, 9, hang=14)
    document = read(sheet.save(tmp_path / "physics.pdf"))
    assert [reference.text for reference in document.references] == entries
    assert not any("Phys. Rev." in passage.text for passage in document.passages)


def test_a_numbered_list_of_steps_is_no_list_of_references(tmp_path: Path) -> None:
    sheet = paper(filler=8)
    for number in range(1, 9):
        sheet.paragraph(
            f"{number}. Take the pan, put it on the fire, and wait until it is as hot as the sun is.", hang=14
        )
    assert not read(sheet.save(tmp_path / "steps.pdf")).references
