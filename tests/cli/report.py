#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Reads a page of killtrace report with Python's parser of HTML and checks what must always hold.

Elements are closed in order, ids are unique and links lead to them, tables and headings are in
order for a screen reader, nothing is loaded and no script can run. Prints the text of the page, one
line for each block.
"""

import sys
from html.parser import HTMLParser
from pathlib import Path

VOID = {"meta", "rect", "line", "br"}
ELEMENTS = VOID | set(
    "html head title style body header main footer section h1 h2 h3 h4 p ul li code pre strong span "
    "time div table caption thead tbody tr th td svg text a details summary".split()
)
ATTRIBUTES = set(
    "lang charset http-equiv content name class id href datetime scope role aria-label aria-labelledby "
    "aria-hidden viewbox x y x1 y1 x2 y2 width height text-anchor preserveaspectratio".split()
)
BLOCKS = {"p", "li", "tr", "h1", "h2", "h4", "summary", "pre", "caption"}


class Page(HTMLParser):
    """Collects the text, and complains."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text: list[str] = []
        self.headings: list[int] = []
        self.wrong: list[str] = []
        self.policy = ""
        self.titles_missing = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ELEMENTS:
            self.wrong.append(f"unexpected element {tag}")
        for name, value in attrs:
            if name not in ATTRIBUTES:
                self.wrong.append(f"unexpected attribute {name} of {tag}")
            if value is None:
                self.wrong.append(f"attribute {name} of {tag} without a value")
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        if "aria-labelledby" in given:
            self.links.append("#" + given["aria-labelledby"])
        if "href" in given:
            self.links.append(given["href"])
        if tag == "meta" and given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]
        if tag == "html" and given.get("lang") != "en":
            self.wrong.append("no language")
        if tag == "th" and given.get("scope") not in ("row", "col"):
            self.wrong.append("a header without a scope")
        if tag == "svg" and "aria-hidden" not in given and given.get("role") != "img":
            self.wrong.append("a picture without a role")
        if tag[0] == "h" and tag[1:].isdigit():
            self.headings.append(int(tag[1:]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open[-1] != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()} within {self.open[-3:]}")
        if tag in self.open:
            while self.open.pop() != tag:
                pass
        if tag in BLOCKS:
            self.text.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data if "pre" in self.open else data.replace("\n", ""))

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"a comment: {data[:40]}")

    def unknown_decl(self, data: str) -> None:
        self.wrong.append(f"a declaration: {data[:40]}")


def main() -> int:
    """The number of complaints decides."""
    data = Path(sys.argv[1]).read_bytes()
    source = data.decode("utf-8")  # anything else is an error
    page = Page()
    page.feed(source)
    page.close()
    wrong = page.wrong
    text = "".join(page.text)
    if not source.startswith("<!DOCTYPE html>\n") or not source.endswith("</html>\n"):
        wrong.append("not a whole page")
    if page.open:
        wrong.append(f"left open: {page.open}")
    if page.policy != "default-src 'none'; style-src 'unsafe-inline'":
        wrong.append(f"policy: {page.policy}")
    if len(page.ids) != len(set(page.ids)):
        wrong.append("an id twice")
    wrong += [
        f"link to {link}" for link in page.links if link[:1] != "#" or link[1:] not in page.ids
    ]
    if page.headings[:1] != [1] or page.headings.count(1) != 1:
        wrong.append("not one first heading")
    # Anything that hides, turns or controls text, and what a browser could load.
    wrong += [
        f"character {ord(c):#x}"
        for c in set(text)
        if (ord(c) < 32 and c != "\n")
        or 0x7F <= ord(c) < 0xA0
        or c in "\u00ad\u200b\u200e\u200f\u2028"
        "\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
    ]
    style = source.partition("<style>")[2].partition("</style>")[0]
    wrong += [
        f"{word} in the style" for word in ("url(", "@import", "<", "expression") if word in style
    ]
    for name in ("prefers-color-scheme:dark", "@media print"):
        if name not in style:
            wrong.append(f"no {name}")
    print(text)
    for complaint in wrong[:20]:
        print(f"report.py: {complaint}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
