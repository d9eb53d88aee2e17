"""Replies of a model that writes well about the paper of `tests.pdfs`: every quote is in it, every number agrees."""

from __future__ import annotations

from typing import Any

BRIEF: dict[str, Any] = {
    "kind": "empirical",
    "problem": "How many labelled examples does a judge need before its agreement can be guaranteed?",
    "idea": "Choose the threshold by fixed-sequence testing and measure the cost in labels.",
    "results": ["With 500 labels the coverage reaches 71.2%, and the agreement on the decided cases is 92.4%."],
    "limits": "Annotators are simulated.",
    "worth_a_post": True,
    "why": "",
}
OUTLINE: dict[str, Any] = {
    "title": "Сколько меток нужно судье, чтобы ему поверили",
    "sections": [
        {"heading": "В чём вопрос", "idea": "Judges need guarantees.", "passages": ["p2"]},
        {"heading": "Как это проверили", "idea": "The method and its result.", "passages": ["p4"]},
    ],
}
SECTIONS: list[dict[str, Any]] = [
    {
        "sentences": [
            {
                "quote": "Automatic judges are cheap and fast, but they make mistakes that people would not make.",
                "text": "Автоматические судьи дёшевы и быстры, но ошибаются там, где человек бы не ошибся.",
            },
            {
                "quote": "A calibrated judge abstains when it is unsure, and the text then goes to a person.",
                "text": "Откалиброванный судья воздерживается, когда не уверен, и тогда текст уходит человеку.",
            },
        ]
    },
    {
        "sentences": [
            {
                "quote": "We choose the threshold by fixed-sequence testing.",
                "text": "Порог авторы выбирают проверкой по заранее заданному порядку.",
            },
            {
                "quote": "With 500 labels the coverage reaches 71.2%, and the agreement on the decided cases is 92.4%.",
                "text": "С 500 метками судья сам решает 71,2 % случаев, и согласие с людьми на них равно 92,4 %.",
            },
        ]
    },
]
FRAME: dict[str, Any] = {
    "lead": {
        "quote": "how many labelled examples a judge needs before its agreement with people can be guaranteed",
        "text": "Авторы измеряют, сколько размеченных примеров нужно судье для гарантированного согласия с людьми.",
    },
    "takeaways": [
        {
            "quote": "A few hundred labels buy a useful guarantee.",
            "text": "Несколько сотен меток покупают полезную гарантию.",
        },
        {
            "quote": "We did not vary the price of a label.",
            "text": "Цену одной метки авторы не меняли, и это ограничение они называют сами.",
        },
    ],
}
ACCEPT: dict[str, Any] = {
    "reasons": "Пост точен и понятен.",
    "marks": {"faithful": 5, "clear": 5, "complete": 4, "russian": 5, "format": 5},
    "decision": "accept",
    "fixes": [],
}
REVISE: dict[str, Any] = {**ACCEPT, "decision": "revise", "reasons": "Сухо.", "fixes": ["c1: сказать живее"]}
ABSTAIN: dict[str, Any] = {**ACCEPT, "decision": "abstain", "reasons": "Не могу судить."}
NO_REPAIR: dict[str, Any] = {"edits": [], "proofs": [], "drop": []}
NOTES: dict[str, Any] = {"gist": "This part tells the same again and again.", "keep": []}
REPLIES: dict[str, list[Any]] = {
    "notes": [NOTES],
    "brief": [BRIEF],
    "outline": [OUTLINE],
    "section": SECTIONS,
    "frame": [FRAME],
    "judge": [ACCEPT],
    "repair": [NO_REPAIR],
}
