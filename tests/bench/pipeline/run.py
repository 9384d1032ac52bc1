#!/usr/bin/env python3
"""How many customers' mails a second become quotes, with offline rules, on SQLite and on PostgreSQL. Every mail asks for
something else. Two figures, both from the moment the first mail is posted, with nothing left over from before:

- to the moment the last has its ticket, its client and its quote with a PDF;
- to the end of everything that the mails lead to: notifications, the mails that tell the tenant's user of them, and with
  `send` the quotes mailed to the customers (all into the sink). This is what a desk can bear for hours.

run.py BUILD_DIRECTORY   (a Release build; needs postgresql-15)
"""
import concurrent.futures
import pathlib
import random
import sys
import tempfile
import time
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from bench import Client, Host, median, result  # noqa: E402
from postgres import Postgres  # noqa: E402

ROUNDS, MAILS, POSTERS = 3, 240, 4
BAR = 60
PLACES = ["Zanzibar", "Mauritius", "Cape Town"]


def rates():
    lines = ["hotel_name,destination,room_type,meal_plan,check_in_date,check_out_date,nights,total_7nights_pps,"
             "total_7nights_child,currency"]
    for number in range(300):
        lines.append(f"Lodge {number},{PLACES[number % 3]},Double,HB,2027-01-01,2027-12-31,7,{900 + number}.50,400,ZAR")
    return "\n".join(lines) + "\n"


def enquiry(name, chance):
    day, month = chance.randint(1, 20), chance.choice(["May", "June", "July", "August"])
    place = chance.choice(PLACES)
    return (f"From: {name} Berg <{name}@example.org>\r\nTo: desk@bench.example\r\nMessage-ID: <{name}@example.org>\r\n"
            f"Subject: {place} in {month}\r\nMIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n\r\n"
            f"Hello,\r\n\r\nplease quote for {place} from {day} {month} 2027 to {day + 7} {month} 2027, "
            f"2 adults and 2 children ({chance.randint(3, 6)} and {chance.randint(7, 11)}), half board, 1 room.\r\n"
            "We would like to be close to the beach.\r\n\r\nKind regards\r\n"
            f"{name} Berg\r\n").encode()


class Desk:
    """A host with a tenant that has rates and an address for mail."""

    def __init__(self, host):
        self.host = host
        self.client = Client(host.url)
        self.bearer = host.add_tenant("bench")
        form = ('--b\r\nContent-Disposition: form-data; name="file"; filename="rates.csv"\r\nContent-Type: text/csv\r\n\r\n'
                f"{rates()}\r\n--b--\r\n").encode()
        self.client.call("POST", "/api/v1/pricing/rates/import", form,
                         {**self.bearer, "Content-Type": "multipart/form-data; boundary=b"})
        made = self.client.call("POST", "/api/v1/inbound/address", {}, self.bearer)["data"]
        self.address = urllib.parse.urlsplit(made["mime"]).path
        self.posted = 0

    def total(self, path):
        return self.client.call("GET", path, headers=self.bearer)["total"]

    def post(self, mails):
        client = Client(self.host.url)
        for mail in mails:
            client.call("POST", self.address, mail, {"Content-Type": "message/rfc822"})

    def fetch_papers(self, ids):
        client = Client(self.host.url)
        for quote in ids:
            status, text = client.send("GET", f"/api/v1/quotes/{quote}/pdf", headers=self.bearer)
            if status != 200 or not text.startswith(b"%PDF-"):
                raise SystemExit(f"no PDF: {status} {text[:200]}")

    def jobs_run(self):
        with urllib.request.urlopen(f"{self.host.management_url}/metrics") as answer:
            return sum(float(line.split()[-1]) for line in answer.read().decode().splitlines()
                       if line.startswith("serai_job_runs_total{"))

    def at_rest(self):
        """When the last job ended, known when none has for a second."""
        known, changed = self.jobs_run(), time.perf_counter()
        while time.perf_counter() - changed < 1:
            time.sleep(0.02)
            found = self.jobs_run()
            if found != known:
                known, changed = found, time.perf_counter()
        return changed

    def round(self, chance):
        """Mails a second, to the quotes and to the end of everything. A PDF that is made when it is asked for is asked
        for."""
        mails = [enquiry(f"c{self.posted + number}", chance) for number in range(MAILS)]
        self.posted += MAILS
        begun = time.perf_counter()
        with concurrent.futures.ThreadPoolExecutor(POSTERS) as pool:
            list(pool.map(self.post, [mails[start::POSTERS] for start in range(POSTERS)]))
        while self.total("/api/v1/quotes") < self.posted:
            time.sleep(0.02)
        newest = [quote["quote_id"] for offset in range(0, MAILS, 80)
                  for quote in self.client.call("GET", f"/api/v1/quotes?limit=80&offset={offset}",
                                                headers=self.bearer)["data"]]
        with concurrent.futures.ThreadPoolExecutor(POSTERS) as pool:
            list(pool.map(self.fetch_papers, [newest[start::POSTERS] for start in range(POSTERS)]))
        quoted = time.perf_counter()
        return MAILS / (quoted - begun), MAILS / (max(quoted, self.at_rest()) - begun)

    def check(self, mode):
        """Everything there, once."""
        places = ["/api/v1/inbound/tickets", "/api/v1/crm/clients", "/api/v1/quotes"]
        if mode == "send":
            places.append("/api/v1/quotes?status=sent")
        for path in places:
            if self.total(path) != self.posted:
                raise SystemExit(f"{path} has {self.total(path)} of {self.posted}")


def run(build, engine, mode, environment=None):
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        profile = pathlib.Path(folder) / "profile.yaml"
        profile.write_text((HERE / "profile.yaml").read_text().replace("ENGINE", engine).replace("MODE", mode))
        with Host(build, profile, environment=environment) as host:
            desk = Desk(host)
            found = [desk.round(chance) for _ in range(ROUNDS)]
            desk.check(mode)
    for what, rates in (("to the quote", [quoted for quoted, _ in found]), ("to the end", [whole for _, whole in found])):
        print(f"{engine:9} {mode:6} {what:12} {median(rates):7.1f} mails/s   rounds: "
              f"{' '.join(f'{rate:.0f}' for rate in rates)}")
    return [median(rates) for rates in zip(*found)]


def main():
    build = sys.argv[1]
    for mode, bar in (("draft", BAR), ("send", None)):
        quoted, whole = run(build, "sqlite", mode)
        result(f"mails a second to a quote ({mode}), SQLite", quoted, ">=" if bar else "=", bar or "-")
        result(f"mails a second to the end of everything ({mode}), SQLite", whole, "=", "-")
    with Postgres() as server:
        for mode in ("draft", "send"):
            quoted, whole = run(build, "postgres", mode, server.make_house(f"bench_{mode}"))
            result(f"mails a second to a quote ({mode}), PostgreSQL", quoted, "=", "-")
            result(f"mails a second to the end of everything ({mode}), PostgreSQL", whole, "=", "-")


if __name__ == "__main__":
    main()
