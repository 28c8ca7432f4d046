#!/usr/bin/env python3
"""report.py GOALS MACHINE MARKDOWN HTML - what the benchmarks noted, as a page of the manual and as one file to
send around.

GOALS has a line of JSON for each result (goals.h); MACHINE is one line about the machine. Both outputs are written
whole or not at all. The HTML needs no network and no script."""

import html
import json
import math
import os
import sys

AREAS = {
    "engine": "The engine interface",
    "records": "Records: bincode, archives, fields",
    "sled's files": "Reading sled's files",
    "migration": "Migration",
    "store": "Stores",
    "designs": "The store beside other designs",
    "indexes": "Indexes",
    "readers": "Readers",
    "growth": "Growth",
    "vectors": "Vectors",
}


def read(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def is_met(goal):
    if goal["is"] == "none":
        return None
    if goal["is"] == "at most":
        return goal["median"] <= goal["limit"]
    return goal["median"] >= goal["limit"]


def number(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def figure(goal, key):
    unit = goal.get("unit")
    return f"{number(goal[key])} {unit}" if unit else number(goal[key])


def wanted(goal):
    if goal["is"] == "none":
        return ""
    sign = "≤" if goal["is"] == "at most" else "≥"
    return f"{sign} {goal['limit']:g}" + (f" {goal['unit']}" if goal.get("unit") else "")


def verdict(goal):
    return {None: "", True: "met", False: "missed"}[is_met(goal)]


def by_area(goals):
    known = [(key, title) for key, title in AREAS.items()]
    known += [(key, key) for key in dict.fromkeys(g["area"] for g in goals) if key not in AREAS]
    return [(title, rows) for key, title in known if (rows := [g for g in goals if g["area"] == key])]


def summary(goals):
    judged = [is_met(g) for g in goals if is_met(g) is not None]
    return f"{sum(judged)} of {len(judged)} goals are met."


INTRODUCTION = (
    "Each row is measured beside its peer in one run, in interleaved rounds; a figure is the ratio of the two, so a "
    "machine that is slow or shared changes both sides. *at most* rows are times as long as the peer's, *at least* rows "
    "times as fast. Median over rounds; in brackets the ratio of the fastest runs. `make bench` makes this page."
)


def markdown(goals, machine):
    lines = ["# Performance", "", INTRODUCTION, "", f"{summary(goals)} {machine}.", ""]
    for title, rows in by_area(goals):
        lines += [f"## {title}", "", "| What | Beside | Measured | Goal | | Bounded by |", "|---|---|---|---|---|---|"]
        for g in rows:
            lines.append(
                f"| {g['what']} | {g['peer']} | {figure(g, 'median')} ({figure(g, 'best')}) | {wanted(g)} | "
                f"{verdict(g)} | {g.get('why') or ''} |"
            )
        lines.append("")
    return "\n".join(lines)


STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --paper: #ffffff; --line: #d0d7de;
        --good: #1a7f37; --bad: #b42318; --bar: #0969da; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --soft: #9da7b1; --paper: #0d1117; --line: #3d444d; --good: #3fb950; --bad: #ff7b72;
          --bar: #58a6ff; } }
body { font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 70rem;
       margin: 0 auto; padding: 1rem; }
p.machine, td.why, caption { color: var(--soft); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; padding: .25rem 0; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.n { font-variant-numeric: tabular-nums; white-space: nowrap; }
.met { color: var(--good); font-weight: 600; } .missed { color: var(--bad); font-weight: 600; }
svg { width: 8rem; height: 1.25rem; } svg .bar { fill: var(--bar); } svg .goal { stroke: var(--ink); stroke-width: 2; }
@media (max-width: 40rem) { td.why, th.why { display: none; } }
"""


def bar(goal):
    """The ratio on a logarithmic scale from 1/16 to 16 (what is beyond is cut), 1 in the middle, the goal a stroke."""
    if goal.get("unit"):
        return ""

    def place(value):
        return 64 + 16 * max(-4, min(4, math.log2(max(value, 1e-9))))

    low, high = sorted((64, place(goal["median"])))
    stroke = f'<line class="goal" x1="{place(goal["limit"]):.1f}" x2="{place(goal["limit"]):.1f}" y1="1" y2="19"/>'
    text = f"{number(goal['median'])} times" + (f", goal {wanted(goal)}" if goal["is"] != "none" else "")
    return (
        f'<svg viewBox="0 0 128 20" role="img" aria-label="{html.escape(text)}"><title>{html.escape(text)}</title>'
        f'<rect class="bar" x="{low:.1f}" y="5" width="{max(high - low, 1):.1f}" height="10"/>'
        f'{stroke if goal["is"] != "none" else ""}</svg>'
    )


def page(goals, machine):
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>mia-storage: performance</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>Performance</h1>\n<p><strong>{summary(goals)}</strong></p>\n"
        f'<p>{html.escape(INTRODUCTION).replace("*at most*", "<em>at most</em>").replace("*at least*", "<em>at least</em>").replace("`make bench`", "<code>make bench</code>")}</p>\n'
        f'<p class="machine">{html.escape(machine)}</p>\n'
    ]
    for title, rows in by_area(goals):
        parts.append(
            f"<h2>{html.escape(title)}</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
            f"aria-label=\"{html.escape(title)}\">\n<table>\n<caption>{len(rows)} results</caption>\n<thead><tr>"
            '<th scope="col">What</th><th scope="col">Beside</th><th scope="col">Measured</th><th scope="col">Goal</th>'
            '<th scope="col">1/16 to 16</th><th scope="col">Verdict</th><th scope="col" class="why">Bounded by</th>'
            "</tr></thead>\n<tbody>\n"
        )
        for g in rows:
            parts.append(
                f'<tr><th scope="row">{html.escape(g["what"])}</th><td>{html.escape(g["peer"])}</td>'
                f'<td class="n">{figure(g, "median")} ({figure(g, "best")})</td><td class="n">{wanted(g)}</td>'
                f'<td>{bar(g)}</td><td class="{verdict(g)}">{verdict(g)}</td>'
                f'<td class="why">{html.escape(g.get("why") or "")}</td></tr>\n'
            )
        parts.append("</tbody>\n</table>\n</div>\n")
    data = json.dumps({"machine": machine, "results": goals}, ensure_ascii=True).replace("<", "\\u003c")
    parts.append(f'</main>\n<script type="application/json" id="results">{data}</script>\n</body>\n</html>\n')
    return "".join(parts)


def replace(path, text):
    with open(path + ".tmp", "w", encoding="utf-8") as out:
        out.write(text)
    os.replace(path + ".tmp", path)


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    goals = read(sys.argv[1])
    with open(sys.argv[2], encoding="utf-8") as file:
        machine = file.readline().strip()
    replace(sys.argv[3], markdown(goals, machine))
    replace(sys.argv[4], page(goals, machine))
    print(summary(goals))


main()
