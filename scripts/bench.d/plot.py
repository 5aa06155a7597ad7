# SPDX-License-Identifier: BSD-2-Clause
"""Small plots: for a terminal, and as a picture."""

WIDTH, HEIGHT = 64, 10
PICTURE = (720, 260)
MARGIN = 56


def in_text(xs, ys, unit_x, unit_y):
    """Columns from the smallest to the largest value in each; the scale begins at 0."""
    top, last = max(ys) * 1.1 or 1, max(xs) or 1
    columns = [[] for _ in range(WIDTH)]
    for x, y in zip(xs, ys):
        columns[min(WIDTH - 1, int(x / last * WIDTH))].append(y)
    rows = []
    for row in range(HEIGHT, 0, -1):
        low, high = (row - 1) / HEIGHT * top, row / HEIGHT * top
        # A value that covers several rows is a line in all of them.
        marks = "".join(
            "*" if column and min(column) < high and max(column) >= low else " "
            for column in columns
        )
        rows.append(f"{high:7.1f} |{marks}")
    rows.append(f"{'0':>7} +{'-' * WIDTH}")
    rows.append(f"{'':9}0{f'{last:,.0f} {unit_x}':>{WIDTH - 1}}")
    return "\n".join([f"{unit_y:>7}", *rows])


def as_svg(xs, series, unit_x, unit_y, title):
    """A line for each name in the series; both scales begin at 0."""
    width, height = PICTURE
    top = max(max(ys) for ys in series.values()) * 1.1 or 1
    last = max(xs) or 1
    colours = ("#1f5fa8", "#b0431f", "#3d7d3d")

    def place(x, y):
        across = MARGIN + x / last * (width - 2 * MARGIN)
        return f"{across:.1f},{height - MARGIN - y / top * (height - 2 * MARGIN):.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="{MARGIN}" y="20" font-size="14">{title}</text>',
    ]
    for step in range(6):
        value = top / 5 * step
        left, y = place(0, value).split(",")
        parts.append(f'<line x1="{left}" y1="{y}" x2="{width - MARGIN}" y2="{y}" stroke="#ddd"/>')
        parts.append(
            f'<text x="{MARGIN - 6}" y="{float(y) + 4}" text-anchor="end">{value:.1f}</text>'
        )
    for i, (name, ys) in enumerate(series.items()):
        points = " ".join(place(x, y) for x, y in zip(xs, ys))
        colour = colours[i % len(colours)]
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
        )
        parts.append(
            f'<text x="{width - MARGIN}" y="{20 + 16 * i}" text-anchor="end" fill="{colour}">{name}</text>'
        )
    parts.append(f'<text x="{MARGIN - 6}" y="{MARGIN - 20}" text-anchor="end">{unit_y}</text>')
    parts.append(
        f'<text x="{width - MARGIN}" y="{height - 20}" text-anchor="end">{last:,.0f} {unit_x}</text>'
    )
    return "\n".join([*parts, "</svg>"]) + "\n"
