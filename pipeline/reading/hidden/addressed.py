"""Does a text speak to a reviewer or a language model? Is it prose at all?"""

from __future__ import annotations

import re

MODEL = (
    r"(?:language models?|llms?|chat ?gpt|gpt(?:-?\d\w*)?|a\.?i\.? (?:assistants?|models?|systems?|reviewers?|agents?))"
)
WHO = rf"(?:reviewers?|referees?|area chairs?|meta-?reviewers?|{MODEL})"
PRAISE = r"(?:positive|favou?rable|excellent|glowing|high|good|enthusiastic|strong)"
ENGLISH = (
    r"\b(?:ignore|disregard|forget|override)\b.{0,30}\b(?:previous|prior|above|earlier|preceding|all|other|your|system)\b"
    r".{0,20}\b(?:instructions?|prompts?|rules?|directions?|guidelines?|text|context)",
    rf"\b(?:give|write|provide|output|return|produce|generate|assign|leave|offer)\b.{{0,30}}\b{PRAISE}\b.{{0,12}}"
    r"\b(?:reviews?|scores?|ratings?|marks?|feedback|assessments?|evaluations?|recommendations?)\b",
    rf"\bas an? (?:large )?{MODEL}",
    rf"\b(?:if|since) you(?: are|'re) an? (?:large )?(?:{WHO}|ai\b)",
    rf"\b(?:note|notes|message|instructions?|attention|notice|dear|important|hey|hello)\b[ :,]{{1,3}}"
    rf"(?:(?:to|for|all|the|any)\s+){{0,3}}(?:large )?{WHO}\b",
    rf"\b{WHO}\b.{{0,60}}\b(?:must|should|shall|have to|are (?:asked|instructed|required)|please)\b",
    r"\b(?:must|should|please|always)\b.{0,40}\b(?:praise|accept this|recommend (?:accept|this paper))",
    r"\b(?:do not|don't|never)\b.{0,20}\b(?:mention|highlight|reveal|list|report|raise|criticize|criticise)\b.{0,40}"
    r"\b(?:negatives?|weakness\w*|limitations?|flaws?|instructions?|prompt|criticisms?)",
    r"\brecommend (?:\w+ ){0,3}(?:acceptance|accepting|to accept)\b|\baccept this (?:paper|submission|manuscript)\b",
    r"\b(?:paper|submission|manuscript|work)\b.{0,30}\b(?:should|must|deserves to) be (?:accepted|praised|rated)\b",
    r"\byou (?:are|act as|will act as)(?: now)? an? (?:\w+ ){0,3}(?:assistant|reviewer|model|ai|expert)\b",
    r"\bsystem (?:prompt|message|instruction)s?\s*:|<\|?(?:im_start|system|endoftext)|\[/?inst\]",
)
RUSSIAN = (
    r"(?:игнорир|забуд|не\s+учитыва|отбрось)\w*.{0,30}(?:инструкц|указани|команд|правил|промпт|текст)",
    r"(?:дай|дайте|напиши|напишите|поставь|поставьте|оцени|оцените|выстав)\w*.{0,40}(?:положительн|хорош|высок|отличн)",
    r"(?:языков\w+\s+модел|нейросет|рецензент|ии-ассистент|чат-?бот)\w*.{0,60}(?:долж|обязан|следует|прошу|просим|пиши|хвали)",
    r"(?:уважаем|внимани|для|если\s+(?:ты|вы))\w*[\s,:—–-]+(?:больш\w+\s+)?(?:рецензент|языков\w+\s+модел|нейросет|ии\b)",
    r"как\s+(?:больш\w+\s+)?языков\w+\s+модел",
    r"не\s+(?:упомина|указыва|сообща)\w*.{0,40}(?:недостат|слаб|огранич|инструкц)",
    r"рекоменд\w*.{0,20}(?:принять|к\s+принятию|к\s+публикации)",
)
CHINESE = (
    r"忽略.{0,10}(?:指令|指示|提示|说明|内容)",
    r"(?:给出|给予|撰写|写).{0,10}(?:正面|积极|好评|高分|肯定)",
    r"(?:审稿人|评审|语言模型|人工智能|大模型).{0,20}(?:请|必须|应该|应当)",
    r"(?:作为|如果你是).{0,6}(?:语言模型|审稿人|人工智能|大模型)",
    r"(?:不要|请勿).{0,6}(?:提及|指出).{0,10}(?:缺点|不足|弱点)",
)
CALLS = re.compile("|".join(ENGLISH + RUSSIAN + CHINESE), re.IGNORECASE)
# for letters printed one by one, between which blanks stand anywhere
CLOSE_CALLS = re.compile(re.sub(r"\\b|\\s\+| ", "", "|".join(ENGLISH + RUSSIAN)), re.IGNORECASE)
SPACED_OUT = 3.3
WORD = re.compile(r"[^\W\d_]{2,}")
IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
SMALL_WORDS = re.compile(
    r"a|an|the|of|to|in|is|are|be|and|or|for|with|that|this|we|you|your|it|on|as|by|not|do|must|please|all|any|from|"
    r"и|в|во|не|на|что|с|по|для|как|это|мы|вы|ты|или|от|из|к|за|бы|был|все|если"
)


def is_addressed(text: str) -> bool:
    """Whether hidden words speak to a reviewer or a model: in English, Russian or Chinese."""
    words = text.split()
    if words and sum(map(len, words)) < SPACED_OUT * len(words) and CLOSE_CALLS.search("".join(words)):
        return True
    return bool(CALLS.search(" ".join(words)))


def is_text(text: str) -> bool:
    """Words enough to say something; crumbs (a mark, a label, a page number) are not."""
    return len(WORD.findall(text)) >= 3 or len(IDEOGRAPH.findall(text)) >= 6


def is_prose(text: str) -> bool:
    """A sentence rather than labels: six words or more, the small words of grammar among them, or a Chinese clause."""
    words = [word.lower() for word in re.findall(r"[^\W\d_]+", text)]
    small = [word for word in words if SMALL_WORDS.fullmatch(word)]
    return (len(words) >= 6 and len(set(small)) > 1 and len(small) >= 0.15 * len(words)) or len(
        IDEOGRAPH.findall(text)
    ) >= 10
