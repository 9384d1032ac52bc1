#!/usr/bin/env python3
"""A quote of two pages rendered by the engine of plugins/pdf and by WeasyPrint, in turn; medians. Both
are warm: imports, fonts and a first document do not count.

run.py BUILD_DIRECTORY   (a Release build)

Debian's weasyprint cannot be installed beside libboost1.81-dev, which Serai is built with (its
python3-fonttools wants scipy, pythran, libboost-dev). So the two packages of pure Python are only
unpacked, into the build directory; what they need is in packaging/dependencies.sh.
"""
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from bench import median, result  # noqa: E402

import quote  # noqa: E402

ROUNDS = 5
PEER = """
import sys, time, weasyprint
html = sys.stdin.read()
weasyprint.HTML(string=html).write_pdf(sys.argv[1])
for _ in range(3):
    begin = time.perf_counter()
    weasyprint.HTML(string=html).write_pdf()
    print((time.perf_counter() - begin) * 1000)
"""


def unpacked_weasyprint(folder):
    if not (folder / "root").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", "-q", "weasyprint", "python3-fonttools"], cwd=folder, check=True,
                       stdout=subprocess.DEVNULL)
        for package in folder.glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, folder / "root"], check=True)
    return folder / "root/usr/lib/python3/dist-packages"


def pages(file):
    facts = subprocess.run(["pdfinfo", file], check=True, capture_output=True, text=True).stdout
    return int(facts.split("Pages:")[1].split()[0])


def main(build):
    work = build / "bench-pdf"
    library = unpacked_weasyprint(work / "weasyprint")
    (work / "quote.json").write_text(json.dumps(quote.document()))
    ours, theirs = [], []
    for _ in range(ROUNDS):
        out = subprocess.run([build / "bin/bench_pdf", work / "quote.json", work / "serai.pdf", "20"], check=True,
                             capture_output=True, text=True).stdout
        ours += [float(line) for line in out.split()]
        out = subprocess.run(["/usr/bin/python3", "-c", PEER, work / "weasyprint.pdf"], input=quote.page(), text=True,
                             check=True, capture_output=True, env={"PYTHONPATH": str(library), "PATH": "/usr/bin:/bin"}).stdout
        theirs += [float(line) for line in out.split()]
    for name in ("serai.pdf", "weasyprint.pdf"):
        size = (work / name).stat().st_size / 1024
        print(f"{name}: {pages(work / name)} pages, {size:.0f} KiB")
        if pages(work / name) != 2:
            sys.exit(f"{name} should have two pages")
    print(f"Serai {median(ours):.1f} ms, WeasyPrint {median(theirs):.1f} ms")
    result("a PDF of two pages, ms", median(ours), "<=", 20)
    result("WeasyPrint's time for the same, in ours", median(theirs) / median(ours), ">=", 20)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve())
