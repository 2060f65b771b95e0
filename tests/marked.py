"""Reads the marked numbers of a page back, and names words that stand on no page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

NEVER = (
    "-0.0 ",
    "-0.00",
    "+0.0 to +0.0",
    "–>",
    "1 do not",
    " 0 hold",
    "0 do not",
    "0 holds",
    "that of 0 ",
    "P<.0",
)


class Numbers(HTMLParser):
    """Collects marked numbers with the section they stand in, the tables' cells, and the text."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.values, self.text, self.section, self.rows, self.bars = [], [], "", [], []
        self._open = None
        self.feed(re.sub(r"<(style|svg|script).*?</\1>", "", text, flags=re.DOTALL))

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag in ("h2", "h3", "details") and "id" in given:
            self.section = given["id"]
        if tag in ("table", "tr"):  # a caption is no part of the last row
            self.rows.append([])
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append({"text": "", "keys": [], "values": []})
        if tag == "i":
            self.bars.append(given["style"])
        if tag == "data":
            self._open = given
            if self.rows and self.rows[-1]:
                self.rows[-1][-1]["keys"].append(given["data-key"])
                self.rows[-1][-1]["values"].append(float(given["value"]))

    def handle_data(self, data):
        self.text.append(data)
        if self.rows and self.rows[-1]:
            self.rows[-1][-1]["text"] += " ".join(data.split()) if not data.strip() else data.replace("\n", "")
        if self._open is not None:
            self.values.append((self._open["data-key"], float(self._open["value"]), data, self.section))
            self._open = None

    @property
    def words(self):
        return " ".join(" ".join(self.text).split())
