#!/usr/bin/env python3
"""Searches over a hundred thousand passages of one tenant through the whole stack: HTTP, access
token, the knowledge plugin with words, feedback, spelling and vectors. Beside it, on the same text
and in turn, SQLite's FTS5 with bm25 over a file, inside this process and without HTTP.

The text has Zipf's distribution over made-up words, none a stop word, which is harder than real
text: its commonest words are in nearly every passage and are searched.

run.py BUILD_DIRECTORY [PASSAGES]   (a Release build; a hundred thousand take some minutes to load)
"""
import itertools
import pathlib
import random
import sqlite3
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from bench import Client, Host, median, percentile, result, upload  # noqa: E402

VOCABULARY = 80_000
PER_DOCUMENT = 25
QUERIES = 400
REPEATS = 3  # of each query the median counts: what a noisy machine takes away once does not


def make_words(rng):
    def word():
        return "".join(rng.choice("bcdfghklmnprstvwz") + rng.choice("aeiou") for _ in range(rng.randint(2, 4)))
    return [word() + rng.choice("bcdfghklmnprstvwz") for _ in range(VOCABULARY)]


class Zipf:
    """Draws words with probability proportional to 1 / (rank + 2.7)."""

    def __init__(self, rng):
        self.rng = rng
        self.words = make_words(rng)
        self.weights = list(itertools.accumulate(1 / (rank + 2.7) for rank in range(VOCABULARY)))

    def __call__(self, count):
        return " ".join(self.rng.choices(self.words, cum_weights=self.weights, k=count))


def mistype(query, rng):
    """Three words in ten lose a letter or have two letters swapped."""
    words = query.split()
    for at, word in enumerate(words):
        if rng.random() < 0.3:
            cut = rng.randrange(len(word) - 1)
            words[at] = word[:cut] + (word[cut + 1:] if rng.random() < 0.5
                                      else word[cut + 1] + word[cut] + word[cut + 2:])
    return " ".join(words)


def make_documents(text, passages):
    """Each section becomes one passage: (name, its passages)."""
    for start in range(0, passages, PER_DOCUMENT):
        yield f"doc-{start}", [text(text.rng.randint(60, 119)) for _ in range(min(PER_DOCUMENT, passages - start))]


def load(host, bearer, documents):
    def put(document):
        name, passages = document
        upload(Client(host.url), bearer, name, "\n\n".join(f"# Part\n\n{text}." for text in passages))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(put, documents))


def wait_ready(host, client, bearer, passages):
    """Until no job is left: all is indexed, and the model of meaning and the merges are done."""
    with sqlite3.connect(f"file:{host.data}/tenants/bench/tenant.db?mode=ro", uri=True) as database:
        while database.execute("SELECT count(*) FROM serai_jobs WHERE state IN ('queued', 'running')").fetchone()[0]:
            time.sleep(0.5)
    status = client.call("GET", "/api/v1/knowledge/status", headers=bearer)["data"]
    if status["failed_documents"] or status["total_chunks"] != passages:
        raise RuntimeError(f"not all passages are there: {status}")
    return status


def make_peer(file, documents):
    peer = sqlite3.connect(file)
    peer.execute("CREATE VIRTUAL TABLE t USING fts5(id UNINDEXED, body, tokenize='porter unicode61')")
    peer.executemany("INSERT INTO t(id, body) VALUES(?, ?)",
                     ((f"{name}-{at}", "Part " + text) for name, passages in documents
                      for at, text in enumerate(passages)))
    peer.commit()
    peer.execute("INSERT INTO t(t) VALUES('optimize')")
    peer.commit()
    return peer


def ask_peer(peer, query):
    match = " OR ".join(f'"{word}"' for word in dict.fromkeys(query.split()))
    start = time.perf_counter()
    peer.execute("SELECT id, body FROM t WHERE t MATCH ? ORDER BY bm25(t) LIMIT 5", (match,)).fetchall()
    return (time.perf_counter() - start) * 1000


def main():
    passages = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    text = Zipf(random.Random(20261121))
    documents = list(make_documents(text, passages))
    queries = [text(text.rng.randint(3, 10)) for _ in range(QUERIES)]
    mistyped = [mistype(query, text.rng) for query in queries]
    with Host(sys.argv[1], HERE / "profile.yaml") as host, tempfile.TemporaryDirectory() as folder:
        bearer = host.add_tenant("bench")
        client = Client(host.url)
        start = time.perf_counter()
        load(host, bearer, documents)
        status = wait_ready(host, client, bearer, passages)
        print(f"{passages} passages in {len(documents)} documents: ready after {time.perf_counter() - start:.0f} s; "
              f"vectors: {status['embeddings']['used']}, {status['embeddings']['dimensions']} dimensions", flush=True)
        peer = make_peer(pathlib.Path(folder) / "fts5.db", documents)

        def ask(query, **more):
            return client.timed("POST", "/api/v1/knowledge/search", {"query": query, "top_k": 5, **more}, bearer)

        times = {"clean": [], "mistyped": [], "filtered": [], "fts5": []}

        def ask_again(name, asking, *arguments, **more):
            times[name].append(median([asking(*arguments, **more) for _ in range(REPEATS)]))

        print(f"the first search, which reads all vectors: {ask(queries[0]):.0f} ms", flush=True)
        # Neither side pays for what is read for the first time, nor ours for the vectors' merge, which
        # the first search starts in the background.
        for query in queries:
            ask(query)
            ask_peer(peer, query)
        for query, spoilt in zip(queries, mistyped):
            ask_again("clean", ask, query)
            ask_again("fts5", ask_peer, peer, query)
            ask_again("mistyped", ask, spoilt)
            ask_again("filtered", ask, query, visibility="public")
        resident = int(pathlib.Path(f"/proc/{host.process.pid}/statm").read_text().split()[1]) * 4 // 1024
    print(f"{resident} MiB resident")
    for name, found in times.items():
        print(f"{name:10} p50 {percentile(found, 0.5):7.2f} ms  p95 {percentile(found, 0.95):7.2f} ms  "
              f"of {len(found)} queries")
    p95 = {name: percentile(found, 0.95) for name, found in times.items()}
    result(f"search p95 over {passages} passages, ms", p95["clean"], "<=", 25)
    result("the same, 30 % of the words mistyped, ms", p95["mistyped"], "<=", 25)
    result("the same, only public documents, ms", p95["filtered"], "<=", 25)
    result("search p95 / FTS5 bm25 without HTTP", p95["clean"] / p95["fts5"], "=", "-")


if __name__ == "__main__":
    main()
