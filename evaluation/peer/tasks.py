"""What scikit-learn makes of the labelled sentences: TF-IDF with LinearSVC, on the same ten folds as
`evaluation/src/sentences.rs` deals out. `cargo xtask eval --peer` runs this.

Two peers, both with the settings that the library comes with: words alone, and words and pairs.
"""

import sys

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support
from sklearn.svm import LinearSVC

FOLDS = 10


def read(path):
    """The labels (1 for a task) and the sentences."""
    with open(path, encoding="utf-8", newline="\n") as file:
        # As Rust's `lines`: no other character than the line feed ends a line.
        rows = [row.removesuffix("\n").removesuffix("\r").split("\t", 1) for row in file]
    rows = [row for row in rows if len(row) == 2]
    return [int(label == "Yes") for label, _ in rows], [text for _, text in rows]


def dealt(labels):
    """The file is sorted: tasks and the rest are dealt out in turn, apart from each other."""
    dealt_out = [0, 0]
    folds = []
    for label in labels:
        folds.append(dealt_out[label] % FOLDS)
        dealt_out[label] += 1
    return folds


def grouped(texts):
    """Sentences that begin alike are kept in one fold."""
    groups = {}
    folds = []
    for text in texts:
        letters = "".join(letter.lower() for letter in text if letter.isalpha())
        folds.append(groups.setdefault(letters[:24], len(groups)) % FOLDS)
    return folds


def judged(labels, texts, folds, words, cost):
    """What each sentence was judged to be by a model that had not seen its fold."""
    said = [0] * len(labels)
    for fold in range(FOLDS):
        learnt = [at for at, of in enumerate(folds) if of != fold]
        held = [at for at, of in enumerate(folds) if of == fold]
        vectors = TfidfVectorizer(ngram_range=(1, words))
        machine = LinearSVC(C=cost, random_state=0)
        machine.fit(vectors.fit_transform(texts[at] for at in learnt), [labels[at] for at in learnt])
        for at, answer in zip(held, machine.predict(vectors.transform(texts[at] for at in held))):
            said[at] = int(answer)
    return said


def main():
    labels, texts = read(sys.argv[1])
    folds = dealt(labels)
    alike = grouped(texts)
    print("## Tasks: scikit-learn's TF-IDF with LinearSVC on the same folds\n")
    for name, words, cost in [("peer", 1, 1.0), ("peer_pairs", 2, 1.0)]:
        said = judged(labels, texts, folds, words, cost)
        (rest, wrong), (missed, hits) = confusion_matrix(labels, said)
        precision, recall, f1, _ = precision_recall_fscore_support(labels, said, average="binary")
        apart = judged(labels, texts, alike, words, cost)
        print(f"is Yes      {hits:>8} {missed:>8}\nis No       {wrong:>8} {rest:>8}\n")
        for figure, value in [
            ("accuracy", accuracy_score(labels, said)),
            ("accuracy_grouped", accuracy_score(labels, apart)),
            ("f1", f1),
            ("precision", precision),
            ("recall", recall),
        ]:
            print(f"{name + '_' + figure:<32} {value:.4f}")
        print()


main()
