#!/usr/bin/env python3
"""Does a search get slower because there are more tenants? Two hosts, one with ten tenants and one
with a thousand, every tenant with the same kind of documents, are asked in turn, block by block, so
that a noisy machine treats them alike: the median of the blocks' ratios of 95th percentiles counts.
In the large one every search is of another tenant than the one before.

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
BLOCKS = 24
BLOCK = 250  # searches


def furnish(host, number):
    """A tenant with one document of ten passages; the headers that let its owner in."""
    bearer = host.add_tenant(f"bench-{number}")
    rng = random.Random(number)
    text = "\n\n".join("# Part %d\n\n%s." % (n, " ".join(rng.choices(WORDS, k=120))) for n in range(10))
    client = Client(host.url)
    wait_indexed(client, bearer, upload(client, bearer, "notes", text))
    return bearer


class Asked:
    """A host's tenants, asked round robin over one connection."""

    def __init__(self, host, count):
        with ThreadPoolExecutor(4) as pool:
            self.tenants = list(pool.map(lambda n: furnish(host, n), range(count)))
        self.client = Client(host.url)
        self.turn = 0
        self.times = []

    def block(self, rng, size):
        times = []
        for _ in range(size):
            query = {"query": " ".join(rng.sample(WORDS, 3)), "top_k": 5, "min_score": 0}
            bearer = self.tenants[self.turn % len(self.tenants)]
            self.turn += 1
            times.append(self.client.timed("POST", "/api/v1/knowledge/search", query, bearer))
        self.times += times
        return percentile(times, 0.95)


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    profile = HERE / "profile.yaml"
    with Host(sys.argv[1], profile) as small, Host(sys.argv[1], profile) as large:
        few, many = Asked(small, FEW), Asked(large, count)
        rng = random.Random(7)
        for house in few, many:  # everybody once, so that no handle is opened while it counts
            house.block(rng, max(100, len(house.tenants)))
            house.times.clear()
        ratios = []
        for number in range(BLOCKS):
            pair = [few, many] if number % 2 == 0 else [many, few]
            took = {id(house): house.block(rng, BLOCK) for house in pair}
            ratios.append(took[id(many)] / took[id(few)])
        memory = [int(pathlib.Path(f"/proc/{host.process.pid}/statm").read_text().split()[1]) * 4 // 1024
                  for host in (small, large)]
    for house, resident in zip((few, many), memory):
        print(f"{len(house.tenants):5} tenants: p50 {median(house.times):.2f} ms, p95 "
              f"{percentile(house.times, 0.95):.2f} ms of {len(house.times)} searches, {resident} MiB resident")
    print("ratios of the blocks: " + " ".join(f"{ratio:.2f}" for ratio in sorted(ratios)))
    result(f"search p95, {count} tenants / {FEW} tenants", median(ratios), "<=", 1.2)


if __name__ == "__main__":
    main()
