"""A chart of CPU per event: a dot at the median and a line over the range of each contender, on a logarithmic axis."""
import math
from html import escape

WIDTH, LEFT, RIGHT, ROW, TOP = 860, 250, 90, 30, 54
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 } .dim { fill: #59636e } .grid { stroke: #d1d9e0 }
.peer { stroke: #59636e; fill: #59636e } .ours { stroke: #0969da; fill: #0969da } .floor { stroke: #1a7f37; fill: #1a7f37 }
@media (prefers-color-scheme: dark) { text { fill: #f0f6fc } .dim { fill: #9198a1 } .grid { stroke: #3d444d }
.peer { stroke: #9198a1; fill: #9198a1 } .ours { stroke: #4493f8; fill: #4493f8 } .floor { stroke: #3fb950; fill: #3fb950 } }
"""


def ticks(low, high):
    return [m * 10.0 ** e for e in range(-3, 4) for m in (1, 2, 5) if low <= m * 10.0 ** e <= high]


def chart(title, rows):
    """rows: name, kind of line (STYLE), median, least, most."""
    low, high = min(r[3] for r in rows) / 1.3, max(r[4] for r in rows) * 1.3
    height = TOP + ROW * len(rows) + 34

    def x(value):
        return round(LEFT + (WIDTH - LEFT - RIGHT) * math.log(value / low) / math.log(high / low), 1)

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">',
             f"<title>{escape(title)}</title><style>{STYLE}</style>",
             f'<text x="12" y="24" font-weight="600">{escape(title)}</text>',
             '<text x="12" y="42" class="dim">less is better; dot: median, line: range; the axis is logarithmic</text>']
    for tick in ticks(low, high):
        parts.append(f'<path class="grid" d="M{x(tick)} {TOP}V{height - 26}"/>'
                     f'<text class="dim" x="{x(tick)}" y="{height - 10}" text-anchor="middle">{tick:g}</text>')
    for i, (name, kind, median, least, most) in enumerate(rows):
        y = TOP + ROW * i + ROW // 2
        parts.append(f'<text x="{LEFT - 12}" y="{y + 4}" text-anchor="end">{escape(name)}</text>'
                     f'<path class="{kind}" stroke-width="2" d="M{x(least)} {y}H{x(most)}"/>'
                     f'<circle class="{kind}" cx="{x(median)}" cy="{y}" r="5"/>'
                     f'<text x="{x(most) + 10}" y="{y + 4}">{median:.2f}</text>')
    return "\n".join(parts) + "\n</svg>\n"
