#!/usr/bin/env python3
"""Checks the demo content against itself: every expected phrase stands in the document that the question
names, what must be absent is in none, and every document has 400 to 900 words.
Needs no running Serai; whether the help desk finds the answers is for the end-to-end test."""
import html
import pathlib
import re
import sys

import yaml

demo = pathlib.Path(__file__).resolve().parents[2] / "packaging" / "demo"


def plain(text):
    """Letter case, markup and runs of white space do not matter."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", text))).lower()


documents = {file.name: plain(file.read_text(encoding="utf-8")) for file in demo.glob("documents/*")}
questions = yaml.safe_load((demo / "questions.yaml").read_text(encoding="utf-8"))
faults = []

for entry in questions["answerable"]:
    text = documents.get(entry["document"])
    if text is None:
        faults.append(f"{entry['question']}: there is no document {entry['document']}")
    elif plain(entry["phrase"]) not in text:
        faults.append(f"{entry['question']}: {entry['document']} does not say {entry['phrase']!r}")
for entry in questions["unanswerable"]:
    for word in entry["absent"]:
        for name, text in documents.items():
            if re.search(rf"\b{re.escape(word)}\b", text):
                faults.append(f"{entry['question']}: {name} mentions {word!r}")
for name, text in documents.items():
    words = len(text.split())
    if not 400 <= words <= 900:
        faults.append(f"{name}: {words} words; 400 to 900 are wanted")

for fault in faults:
    print(fault)
print(
    f"demo: {len(documents)} documents, {len(questions['answerable'])} answerable and "
    f"{len(questions['unanswerable'])} unanswerable questions, {len(faults)} fault(s)"
)
sys.exit(1 if faults or not documents else 0)
