"""What a message is about: logistic regression over words and letters of examples kept as data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import yaml

PHRASES = Path(__file__).parents[1] / "phrases"
MOST = 24  # wordings of one line
GROUP = re.compile(r"\(([^()]*)\)")
SEED = 7


def expanded(line: str) -> list[str]:
    """Every wording of a line, at most `MOST`, always the same ones."""
    parts = GROUP.split(line)
    choices = [part.split("|") if at % 2 else [part] for at, part in enumerate(parts)]
    every = product(*choices)
    size = 1
    for choice in choices:
        size *= len(choice)
    if size > MOST:
        random = Random(SEED)
        chosen = [[random.choice(choice) for choice in choices] for _ in range(MOST)]
        return list(dict.fromkeys(" ".join("".join(c).split()) for c in chosen))
    return [" ".join("".join(c).split()) for c in every]


def phrases(folder: Path = PHRASES) -> dict[str, tuple[str, ...]]:
    """Intent -> lines, from every file of the folder."""
    found: dict[str, tuple[str, ...]] = {}
    for file in sorted(folder.glob("*.yaml")):
        for intent, lines in yaml.safe_load(file.read_text()).items():
            found[intent] = (*found.get(intent, ()), *(str(line) for line in lines))
    return found


def words_of(lines: Iterable[str]) -> set[str]:
    return {word for line in lines for word in re.findall(r"[a-z0-9']+", line.lower())}


@dataclass(frozen=True)
class Intents:
    """A trained reader of intents, and every English word that it has seen."""

    vocabulary: frozenset[str]
    features: tuple[Any, ...]
    regression: Any

    def read(self, text: str) -> tuple[tuple[str, float], ...]:
        """Intents by their probability, the likeliest first."""
        from scipy.sparse import hstack

        # Not through the pipeline: its machinery is for many texts, and slow with one.
        seen = hstack([one.transform([text]) for one in self.features], format="csr")
        shares = self.regression.predict_proba(seen)[0]
        ranked = sorted(zip(self.regression.classes_, shares, strict=True), key=lambda one: -one[1])
        return tuple((str(intent), float(share)) for intent, share in ranked)


def trained(examples: Mapping[str, Iterable[str]]) -> Intents:
    """Learn from lines by intent; the same lines give the same reader."""
    key = tuple(sorted((intent, tuple(lines)) for intent, lines in examples.items()))
    return _trained(key)


@lru_cache(maxsize=4)
def _trained(examples: tuple[tuple[str, tuple[str, ...]], ...]) -> Intents:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    texts, intents, weights = [], [], []
    for intent, lines in examples:
        for line in lines:
            wordings = expanded(line)
            texts += wordings
            intents += [intent] * len(wordings)
            weights += [len(wordings) ** -0.5] * len(wordings)
    features = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"[a-z0-9']+"),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 4), sublinear_tf=True, min_df=2),
    )
    regression = LogisticRegression(C=20.0, max_iter=200, tol=1e-3, class_weight="balanced")
    model = make_pipeline(features, regression)
    model.fit(texts, intents, logisticregression__sample_weight=weights)
    english = english_words()
    vocabulary = words_of(line for _, lines in examples for line in lines) | english
    words = frozenset(w for w in vocabulary if not w.startswith("x"))
    return Intents(words, tuple(one for _, one in features.transformer_list), regression)


@lru_cache(maxsize=1)
def english_words() -> frozenset[str]:
    """Everyday English words."""
    return frozenset((PHRASES / "words.txt").read_text().split())
