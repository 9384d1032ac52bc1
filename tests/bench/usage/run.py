#!/usr/bin/env python3
"""What accounting for the use of plugins costs: the same host twice, one with its ledger and one
without, asked for a no-op plugin's route through the whole stack. Both run all the time and are
loaded in turn, many short rounds; of each pair of rounds the ratio is taken, and of the ratios the
median. The processor time of a request is beside it: a busy neighbour changes that less.

run.py BUILD_DIRECTORY   (a Release build; needs wrk)
"""
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from bench import Client, Host, median, result  # noqa: E402

PAIRS = 25
SECONDS = 1
CONNECTIONS = 32


class AccountedHost(Host):
    def __init__(self, build, profile, count):
        super().__init__(build, profile)
        self.command = [pathlib.Path(build).resolve() / "bin/bench_usage_host", profile, self.data, count]

    def processor_ns(self):
        """Spent by all threads that live now; a no-op's host ends none meanwhile."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)

    def load(self, bearer):
        """Requests a second, and microseconds of processor time of one request."""
        before = self.processor_ns()
        said = subprocess.run(
            ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-H", f"Authorization: {bearer['Authorization']}",
             f"{self.url}/api/v1/noop/world?times=2"], capture_output=True, text=True, check=True).stdout
        spent = self.processor_ns() - before
        if "Non-2xx" in said or "Socket errors" in said:
            raise SystemExit("the host answers errors: " + said)
        requests = int(re.search(r"(\d+) requests in", said).group(1))
        return float(re.search(r"Requests/sec:\s+([\d.]+)", said).group(1)), spent / requests / 1000


def counted_calls(host):
    """What the host's ledger knows of its calls, for a ledger that is off must not be on."""
    lines = Client(host.url).call("GET", "/api/v1/admin/usage?unit=calls&group_by=plugin", headers=host.admin)
    return str(lines).count("noop")


def main():
    profile = HERE.parent / "http/profile.yaml"
    with AccountedHost(sys.argv[1], profile, "on") as counting, AccountedHost(sys.argv[1], profile, "off") as plain:
        hosts = {"counting": counting, "plain": plain}
        bearers = {name: host.add_tenant("bench") for name, host in hosts.items()}
        for name, host in hosts.items():
            host.load(bearers[name])
        speed, cost = [], []
        for pair in range(PAIRS):
            found = {}
            for name in sorted(hosts, reverse=pair % 2 == 0):
                found[name] = hosts[name].load(bearers[name])
            speed.append(found["counting"][0] / found["plain"][0])
            cost.append(found["counting"][1] / found["plain"][1])
        if not counted_calls(counting) or counted_calls(plain):
            raise SystemExit("the ledgers are not what they should be")
        last = found
    for name, (rate, spent) in last.items():
        print(f"{name:9} {rate:8.0f} requests/s, {spent:6.2f} us of processor time each (last round)")
    print(f"ratios of {PAIRS} pairs: throughput {min(speed):.3f} to {max(speed):.3f}, "
          f"processor time {min(cost):.3f} to {max(cost):.3f}")
    result("throughput lost to the usage ledger, %", (1 - median(speed)) * 100, "<=", 2)
    result("processor time added by the usage ledger, %", (median(cost) - 1) * 100, "=", "-")


if __name__ == "__main__":
    main()
