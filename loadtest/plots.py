"""Line plots as SVG, to be put into a page."""

from collections.abc import Mapping, Sequence

Points = Sequence[tuple[float, float]]
COLOURS = ("#1f6feb", "#d1242f", "#1a7f37", "#9a6700", "#8250df", "#57606a")
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 720, 240, 70, 30, 34


def nice(value: float) -> str:
    """A figure at an axis."""
    return f"{value:,.0f}" if value >= 10 or value == 0 else f"{value:.2g}"


def plot(title: str, unit: str, lines: Mapping[str, Points]) -> str:
    """A plot of lines over seconds."""
    every = [point for points in lines.values() for point in points]
    last_s = max((at for at, _ in every), default=1.0) or 1.0
    most = max((value for _, value in every), default=1.0) * 1.05 or 1.0
    inner_width, inner_height = WIDTH - LEFT - 10, HEIGHT - TOP - BOTTOM

    def x(at_s: float) -> float:
        return LEFT + at_s / last_s * inner_width

    def y(value: float) -> float:
        return TOP + (1 - value / most) * inner_height

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        'font-family="sans-serif" font-size="11" role="img">',
        f"<title>{title}</title>",
        f'<text x="{LEFT}" y="14" font-weight="bold">{title} ({unit})</text>',
    ]
    for step in range(5):
        value = most * step / 4
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - 10}" y1="{y(value):.1f}" y2="{y(value):.1f}" stroke="#d0d7de"/>'
            f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{nice(value)}</text>'
        )
        at_s = last_s * step / 4
        parts.append(f'<text x="{x(at_s):.1f}" y="{HEIGHT - 18}" text-anchor="middle">{nice(at_s)} s</text>')
    for at, (name, points) in enumerate(lines.items()):
        colour = COLOURS[at % len(COLOURS)]
        path = " ".join(f"{x(at_s):.1f},{y(value):.1f}" for at_s, value in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        parts.append(f'<text x="{LEFT + at * 130}" y="{HEIGHT - 4}" fill="{colour}">{name}</text>')
    return "".join([*parts, "</svg>"])
