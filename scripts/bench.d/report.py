# SPDX-License-Identifier: BSD-2-Clause
"""Tables that are readable in a terminal and are Markdown as they are."""

import json
import re
from dataclasses import dataclass, field


@dataclass
class Section:
    """One table, pictures and notes below it, and the numbers behind it."""

    title: str
    columns: list
    rows: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    figures: list = field(default_factory=list)
    data: dict = field(default_factory=dict)
    part: str = ""
    # Why it could not be measured; empty if it was.
    failed: str = ""


def reach(target, met):
    """The cell with the target. A missed target is not a failure: a machine may be busy."""
    return f"{target}: {'met' if met else 'NOT met'}"


def table(columns, rows):
    """An aligned Markdown table; columns of figures are aligned to the right."""
    cells = [columns, *rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(columns))]

    texts = [any(not re.match(r"[-+]?\d|-$", row[i]) for row in rows) for i in range(len(columns))]
    texts[-1] = True

    def line(row):
        padded = (
            c.ljust(w) if texts[i] else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths))
        )
        return f"| {' | '.join(padded)} |"

    rule = (("-" * w) if texts[i] else ("-" * (w - 1) + ":") for i, w in enumerate(widths))
    return "\n".join([line(columns), f"| {' | '.join(rule)} |", *map(line, rows)])


def markdown(head, sections):
    """The whole report as text."""
    parts = ["# killtrace benchmark", "\n".join(f"- {line}" for line in head)]
    for section in sections:
        parts.append(f"## {section.title}")
        if section.failed:
            parts.append(section.failed)
            continue
        parts.append(table(section.columns, section.rows))
        parts.extend(f"```\n{figure}\n```" for figure in section.figures)
        if section.notes:
            parts.append("\n".join(f"- {note}" for note in section.notes))
    return "\n\n".join(parts) + "\n"


def as_json(facts, sections):
    """The whole report for programs: the tables as shown, and the figures behind them."""
    told = [
        {
            "part": section.part,
            "title": section.title,
            "failed": section.failed,
            "rows": [dict(zip(section.columns, row)) for row in section.rows],
            "notes": section.notes,
            "data": section.data,
        }
        for section in sections
    ]
    return json.dumps({"benchmark": 2, **facts, "sections": told}, indent=1, ensure_ascii=False)
