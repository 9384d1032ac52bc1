"""One quote, as a document of the pdf plugin and as a page of HTML for WeasyPrint: the same words in
the same order, a logo, a table of 34 rows that breaks over two pages, seven scripts."""
import base64
import html
import struct
import zlib

NAMES = ["Thandi Nkosi", "محمد الفارسي", "יעל כהן", "山田太郎", "สมชาย ใจดี", "Αλέξανδρος", "Дмитрий Иванов"]
HOTELS = ["Zuri Zanzibar", "Emerson on Hurumzi", "The Residence", "Kendwa Rocks", "Park Hyatt"]
ADDRESS = ["12 Harbour Road, Cape Town 8001", "+27 21 555 0100", "quotes@example.com"]
TERMS = "Prices hold for fourteen days and depend on availability. A deposit of 25 % confirms the booking. " * 4


def logo(width=240, height=80):
    """A PNG without a library: a gradient with a lighter bar."""
    rows = b"".join(b"\0" + b"".join(bytes((30 + x // 3, 90, 140 + y)) if (x // 20) % 2 else bytes((240, 170, 40))
                                     for x in range(width)) for y in range(height))
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def rows(count=34):
    return [[f"{i + 1}", f"{HOTELS[i % 5]}, room {i + 1}, for {NAMES[i % 7]}", f"{1 + i % 9}",
             f"R {1250 + 37 * i:,}.00", f"R {(1250 + 37 * i) * (1 + i % 9):,}.00"] for i in range(count)]


def total(lines):
    return "R {:,}.00".format(sum(int(line[4][2:-3].replace(",", "")) for line in lines))


def document(count=34):
    lines = rows(count)
    return {
        "title": "Quote QT-20261122-0A1B2C", "language": "en", "date": "2026-11-22",
        "brand": {"name": "Baobab Travel", "address": ADDRESS, "terms": TERMS, "footer": "Baobab Travel (Pty) Ltd, 2019/123456/07",
                  "font": "Noto Sans", "logo": {"data": base64.b64encode(logo()).decode()}},
        "content": [
            {"type": "heading", "text": "Your journey to Zanzibar"},
            {"type": "fields", "columns": 2, "items": [
                {"label": "Prepared for", "value": ", ".join(NAMES[:3])},
                {"label": "Valid until", "value": "6 December 2026"}]},
            {"type": "paragraph", "text": ["We are happy to send you this quote. Questions? ",
                                           {"text": "Write to us", "link": "mailto:quotes@example.com"}, "."]},
            {"type": "table", "columns": [{"title": "No"}, {"title": "Stay", "width": 1}, {"title": "Nights", "align": "end"},
                                          {"title": "Rate", "align": "end"}, {"title": "Amount", "align": "end"}],
             "rows": lines},
            {"type": "totals", "lines": [{"label": "Subtotal", "value": total(lines)},
                                         {"label": "Total", "value": total(lines), "strong": True}]},
        ]}


def page(count=34):
    text = html.escape
    lines = rows(count)
    cells = lambda row: "".join(f"<td>{text(cell)}</td>" for cell in row)
    return f"""<!doctype html><html lang=en><title>Quote QT-20261122-0A1B2C</title><style>
@page {{ size: A4; margin: 17mm 18mm 22mm; @bottom-right {{ content: "Page " counter(page) " of " counter(pages); font: 7.5pt Noto Sans }}
 @bottom-left {{ content: "Baobab Travel (Pty) Ltd, 2019/123456/07"; font: 7.5pt Noto Sans }} }}
body {{ font: 9.5pt Noto Sans }} table {{ width: 100%; border-collapse: collapse; font-size: 9pt }}
th {{ background: #1f4e79; color: white }} td {{ border-bottom: .4pt solid #ccc; padding: 3.5pt 5pt }}
tr:nth-child(even) td {{ background: #f2f5f7 }} td:nth-child(n+3) {{ text-align: right }} .terms {{ font-size: 7.5pt }}
</style><img src="data:image/png;base64,{base64.b64encode(logo()).decode()}" width=170>
<p style="text-align:right"><b>Baobab Travel</b><br>{"<br>".join(ADDRESS)}<h1>Your journey to Zanzibar</h1>
<p>Prepared for: {", ".join(NAMES[:3])}<p>Valid until: 6 December 2026
<p>We are happy to send you this quote. Questions? <a href="mailto:quotes@example.com">Write to us</a>.
<table><thead><tr><th>No<th>Stay<th>Nights<th>Rate<th>Amount</thead>{"".join(f"<tr>{cells(row)}</tr>" for row in lines)}</table>
<p style="text-align:right">Subtotal {total(lines)}<br><b>Total {total(lines)}</b><p class=terms>{TERMS}</html>"""
