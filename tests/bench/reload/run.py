#!/usr/bin/env python3
"""Reloads a plugin a thousand times through the admin API while clients call one of its routes
without a pause. Every call must get its answer: the bar is no failed call at all.

run.py BUILD_DIRECTORY   (a Release build)
"""
import pathlib
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from bench import Client, Host, result  # noqa: E402

RELOADS = 1000
CLIENTS = 3


def main():
    with Host(sys.argv[1], HERE.parent / "http/profile.yaml") as host:
        bearer = host.add_tenant("bench")
        stop = threading.Event()
        answers = [0] * CLIENTS
        failures = []

        def ask(number):
            client = Client(host.url)
            while not stop.is_set():
                try:
                    answer = client.call("GET", "/api/v1/noop/world?times=2", headers=bearer)
                    if "hello" not in answer:
                        failures.append(str(answer))
                except Exception as error:  # whatever it is, the call failed
                    failures.append(repr(error))
                    client = Client(host.url)
                answers[number] += 1

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        admin = Client(host.url)
        for _ in range(RELOADS):
            reloaded = admin.call("POST", "/api/v1/admin/plugins/noop/reload", {}, host.admin)
        stop.set()
        for thread in threads:
            thread.join()
    print(f"{RELOADS} reloads, {sum(answers)} calls meanwhile; last answer of a reload: {reloaded}")
    for failure in failures[:5]:
        print("failed: " + failure)
    if sum(answers) < RELOADS:
        raise SystemExit("too few calls to say anything")
    result(f"failed calls during {RELOADS} reloads", len(failures), "<=", 0)


if __name__ == "__main__":
    main()
