"""Messages of a file, analysed by the usual parts: VADER for the tone, a linear classifier of
scikit-learn for sentences that ask for something, dateparser for the days of those, words for the
rest. Once for every line on the standard input.

It is called with a file of JSON (an array of subject, sender, text and date, the text without MIME)
and the sentences that the classifier learns from, before anything is timed. Every answer is a line:
the microseconds it took, how many tasks there were, and how many of them have a day.

What a careful person does for speed is done: patterns and models are made once, the sentences of a
message are classified in one call, dates are looked for in tasks only, and dateparser is told the
language instead of trying all.
"""

import json
import re
import sys
import time
from datetime import datetime

from dateparser.search import search_dates
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

QUOTE = re.compile(r"^\s*-+ ?(Original Message|Forwarded by)|^On .{10,80} wrote:$", re.MULTILINE)
QUOTED_LINE = re.compile(r"^>.*$\n?", re.MULTILINE)
SENTENCE = re.compile(r"(?<=[.!?])\s+|\n\s*\n")
WORD = re.compile(r"[a-zäöüßéèàçñ']+")
KINDS = [
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in [
        ("spam", r"\b(lottery|prince|viagra|you have won|wire the funds)\b"),
        ("security", r"\b(verification code|password|sign-?in|new device)\b"),
        ("receipt", r"\b(invoice|receipt|your order|payment)\b"),
        ("travel", r"\b(itinerary|flight|boarding pass|booking|reservation)\b"),
        ("newsletter", r"\b(unsubscribe|newsletter|view in browser)\b"),
        ("promotion", r"\b(sale|% off|discount|limited offer)\b"),
        ("automatic", r"\b(do not reply|build failed|delivery status|automatic reply)\b"),
        ("meeting", r"\b(meeting|conference call|calendar|invitation|agenda)\b"),
    ]
]
URGENT = re.compile(r"\b(urgent|asap|immediately|right away|as soon as possible)\b", re.IGNORECASE)
LANGUAGES = {
    "en": frozenset("the and to of is that you for it with are have this will be".split()),
    "de": frozenset("der die und das ist nicht ich sie wir mit ein zu bitte für".split()),
    "fr": frozenset("le la les et est vous pour nous que dans une je pas avec".split()),
    "es": frozenset("el los y es que por para una con no en se lo gracias".split()),
}


def learn(path):
    with open(path, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t", 1) for line in file]
    model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LinearSVC())
    return model.fit([text for _, text in rows], [label == "Yes" for label, _ in rows])


def own_sentences(text):
    cut = QUOTE.search(text)
    if cut is not None and cut.start() > 0:
        text = text[: cut.start()]
    pieces = SENTENCE.split(QUOTED_LINE.sub("", text))
    return [piece.strip() for piece in pieces if len(piece.strip()) > 1]


def due(sentence, date):
    found = search_dates(
        sentence,
        languages=["en"],
        settings={"RELATIVE_BASE": date, "PREFER_DATES_FROM": "future"},
    )
    # A zone in the words makes it aware; the date of the message is the author's wall clock.
    return found[0][1].replace(tzinfo=None) if found else None


def language(text):
    words = WORD.findall(text.lower())
    counts = {name: sum(word in usual for word in words) for name, usual in LANGUAGES.items()}
    best = max(counts, key=counts.get)
    return best if counts[best] > 0 else "und"


def analyze(message, model, vader):
    text, date = message["text"], message["date"]
    sentences = own_sentences(text)
    asks = model.predict(sentences) if sentences else []
    tasks = [
        {"quote": sentence, "due": due(sentence, date)}
        for sentence, is_task in zip(sentences, asks)
        if is_task
    ]
    whole = f"{message['subject']}\n{text}"
    kind = next((name for name, pattern in KINDS if pattern.search(whole)), None)
    kind = kind or ("task" if tasks else "personal")
    soon = any(task["due"] and abs((task["due"] - date).days) <= 2 for task in tasks)
    priority = "urgent" if URGENT.search(whole) else "high" if soon else "medium" if tasks else "low"
    tone = vader.polarity_scores(" ".join(sentences))["compound"]
    return {
        "kind": kind,
        "priority": priority,
        "tone": tone,
        "summary": " ".join(sentences[:3]),
        "language": language(text),
        "tasks": tasks,
    }


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        messages = json.load(file)
    for message in messages:
        message["date"] = datetime.fromisoformat(message["date"])
    model, vader = learn(sys.argv[2]), SentimentIntensityAnalyzer()
    for _ in sys.stdin:
        started = time.perf_counter()
        answers = [analyze(message, model, vader) for message in messages]
        taken = (time.perf_counter() - started) * 1e6
        tasks = [task for answer in answers for task in answer["tasks"]]
        dated = sum(task["due"] is not None for task in tasks)
        print(f"{taken:.0f}\t{len(tasks)}\t{dated}", flush=True)


main()
