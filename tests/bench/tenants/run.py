#!/usr/bin/env python3
"""Does a search get slower because there are more tenants? Two hosts, one with ten tenants and one
with a thousand, every tenant with the same kind of documents, are asked the same questions in turn,
block by block, several times over. Of each question the median counts, and of these medians the 95th
percentile: what is slow for a tenant that rested is slow every time, what a noisy machine takes away
is not. In the large host every search is of another tenant than the one before.

run.py BUILD_DIRECTORY [TENANTS]   (a Release build)
"""
import pathlib
import random
import sys
from concurrent.futures import ThreadPoolExecutor

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from bench import Client, Host, median, percentile, result, upload, wait_indexed  # noqa: E402

WORDS = ("deposit refund transfer island visa season supplement balance cancellation hotel lodge breakfast "
         "insurance passport voucher safari lagoon airport luggage commission").split()
FEW = 10
QUESTIONS = 1000  # for each host; no tenant of the large one is asked twice in a row
PASSES = 7
BLOCK = 100


def furnish(host, number):
    """A tenant with one document of ten passages; the headers that let its owner in."""
    bearer = host.add_tenant(f"bench-{number}")
    rng = random.Random(number)
    text = "\n\n".join("# Part %d\n\n%s." % (n, " ".join(rng.choices(WORDS, k=120))) for n in range(10))
    client = Client(host.url)
    wait_indexed(client, bearer, upload(client, bearer, "notes", text))
    return bearer


class Asked:
    """A host's tenants and the times of each question, which goes to a tenant of its own choice."""

    def __init__(self, host, count, queries):
        with ThreadPoolExecutor(4) as pool:
            self.tenants = list(pool.map(lambda n: furnish(host, n), range(count)))
        self.client = Client(host.url)
        self.queries = queries
        self.times = [[] for _ in queries]

    def ask(self, numbers):
        for number in numbers:
            query = {"query": self.queries[number], "top_k": 5, "min_score": 0}
            bearer = self.tenants[number % len(self.tenants)]
            self.times[number].append(self.client.timed("POST", "/api/v1/knowledge/search", query, bearer))

    def medians(self):
        """Of each question, over the passes: what another process took away once does not count."""
        return [median(times) for times in self.times]


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    profile = HERE / "profile.yaml"
    rng = random.Random(7)
    queries = [" ".join(rng.sample(WORDS, 3)) for _ in range(QUESTIONS)]
    with Host(sys.argv[1], profile) as small, Host(sys.argv[1], profile) as large:
        few, many = Asked(small, FEW, queries), Asked(large, count, queries)
        for house in few, many:  # everybody once, so that no handle is opened while it counts
            house.ask(range(QUESTIONS))
            house.times = [[] for _ in queries]
        for turn in range(PASSES):
            for start in range(0, QUESTIONS, BLOCK):
                for house in (few, many) if turn % 2 == 0 else (many, few):
                    house.ask(range(start, start + BLOCK))
        memory = [int(pathlib.Path(f"/proc/{host.process.pid}/statm").read_text().split()[1]) * 4 // 1024
                  for host in (small, large)]
    for house, resident in zip((few, many), memory):
        every = [took for times in house.times for took in times]
        print(f"{len(house.tenants):5} tenants: p50 {median(house.medians()):.2f} ms, p95 "
              f"{percentile(house.medians(), 0.95):.2f} ms of {QUESTIONS} questions; of all {len(every)} searches "
              f"p50 {median(every):.2f} ms, p95 {percentile(every, 0.95):.2f} ms; {resident} MiB resident")
    ratio = percentile(many.medians(), 0.95) / percentile(few.medians(), 0.95)
    result(f"search p95, {count} tenants / {FEW} tenants", ratio, "<=", 1.2)


if __name__ == "__main__":
    main()
