#!/usr/bin/env python3
"""Draws how a quote grows with lines and offers, from what `cargo bench -p huike-pricing` measured.

    scripts/lib/bench/growth_plot.py target/criterion docs/pricing-growth.svg

Prints the same figures as a table. Both axes are logarithmic: what grows in proportion is a line at 45 degrees, what does
not grow is level.
"""

import json
import math
import pathlib
import sys

SERIES = [
    ("by lines", "lines (100 offers, half match)", "#c2410c"),
    ("by matching offers", "offers that match (10 lines)", "#1d4ed8"),
    ("by other offers", "offers that do not match (10 lines, 10 match)", "#15803d"),
]
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 440, 70, 30, 20, 110
X_DECADES, Y_DECADES = (0, 4), (0, 6)


def medians(folder):
    """(size, median in microseconds), by size."""
    points = []
    for run in folder.iterdir():
        estimates = run / "new" / "estimates.json"
        if run.name.isdigit() and estimates.exists():
            nanoseconds = json.loads(estimates.read_text())["median"]["point_estimate"]
            points.append((int(run.name), nanoseconds / 1_000))
    return sorted(points)


def along(value, decades, length):
    low, high = decades
    return (math.log10(value) - low) / (high - low) * length


def place(size, micros):
    x = LEFT + along(size, X_DECADES, WIDTH - LEFT - RIGHT)
    return x, HEIGHT - BOTTOM - along(micros, Y_DECADES, HEIGHT - TOP - BOTTOM)


def name_of(power):
    return ["1 µs", "10 µs", "100 µs", "1 ms", "10 ms", "100 ms", "1 s"][power]


def grid():
    for power in range(X_DECADES[0], X_DECADES[1] + 1):
        x, bottom = place(10**power, 1)
        yield f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}" stroke="#e5e7eb"/>'
        yield f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{10**power:,}</text>'.replace(",", " ")
    for power in range(Y_DECADES[0], Y_DECADES[1] + 1):
        x, y = place(1, 10**power)
        yield f'<line x1="{x}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#e5e7eb"/>'
        yield f'<text x="{x - 8}" y="{y + 4:.1f}" text-anchor="end">{name_of(power)}</text>'


def curve(points, colour):
    # Nothing has no place on a logarithmic axis; the table has it.
    placed = [place(size, micros) for size, micros in points if size > 0]
    yield f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in placed)}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for x, y in placed:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>'


def draw(series):
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        "<title>Median time of a quote by lines and by offers</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        *grid(),
    ]
    for row, (_, label, colour, points) in enumerate(series):
        parts.extend(curve(points, colour))
        y = HEIGHT - BOTTOM + 46 + 20 * row
        parts.append(f'<rect x="{LEFT}" y="{y - 9}" width="18" height="4" fill="{colour}"/>')
        parts.append(f'<text x="{LEFT + 26}" y="{y}">{label}</text>')
    return "\n".join([*parts, "</svg>", ""])


def main():
    measured, target = map(pathlib.Path, sys.argv[1:])
    series = [(folder, label, colour, medians(measured / folder)) for folder, label, colour in SERIES]
    for _, label, _, points in series:
        first = next(micros for size, micros in points if size > 0)
        print(label)
        for size, micros in points:
            print(f"  {size:>6}  {micros:>10.1f} µs  {micros / first:>8.2f} × the smallest")
    target.write_text(draw(series), encoding="utf-8")


if __name__ == "__main__":
    main()
