#!/usr/bin/env python3
"""page.py REPORT.html [FOLDER] - opens a report in a real Chromium: no errors, no network, both
pictures drawn, data that parses, contrast, and no sideways scrolling from a phone's width on. With
FOLDER, screenshots are kept there. MIA_LOOK=NAME: only at one of LOOKS. Exit 77: there is no
Chromium."""
import base64
import os
import pathlib
import sys
import tempfile

import devtools

LOOKS = [  # name, width, dark
    ("light", 1000, False),
    ("dark", 1000, True),
    ("phone", 360, False),
    ("phone-dark", 360, True),
    ("narrow", 320, False),
]


def main():
    if devtools.find_chromium() is None:
        print("skipped: there is no Chromium: run tools/bootstrap.sh test")
        return 77
    report = pathlib.Path(sys.argv[1]).resolve()
    folder = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
    check = (pathlib.Path(__file__).parent / "page_check.js").read_text()
    wrong, backgrounds = [], {}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, devtools.Browser(profile) as browser:
        for name, width, dark in LOOKS:
            if os.environ.get("MIA_LOOK", name) != name:
                continue
            browser.look(width, 900, dark)
            browser.open(report.as_uri())
            found = browser.evaluate(check)
            wrong += [f"{name}: {text}" for text in found["wrong"]]
            backgrounds[name] = found["background"]
            for event in browser.named_events("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled"):
                wrong.append(f"{name}: console: {event['params']}")
            asked = {e["params"]["request"]["url"] for e in browser.named_events("Network.requestWillBeSent")}
            outside = {u for u in asked if not u.startswith("data:") and u != report.as_uri()}
            if outside or report.as_uri() not in asked:
                wrong.append(f"{name}: asked for {sorted(asked)}")
            print(f"{name}: least contrast {found['least']:.2f} of {found['looked']} texts")
            if folder:
                height = browser.evaluate("document.scrollingElement.scrollHeight")
                browser.look(width, height, dark)
                shot = browser.call("Page.captureScreenshot", format="png")
                (folder / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))
        browser.look(800, 900, True, media="print")
        browser.open(report.as_uri())
        if browser.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)":
            wrong.append("print: the paper is not white")
        if not browser.call("Page.printToPDF")["data"].startswith("JVBERi"):
            wrong.append("print: no PDF")
    if len(backgrounds) == len(LOOKS) and backgrounds["light"] == backgrounds["dark"]:
        wrong.append("dark is as light as light")
    for text in wrong:
        print("WRONG", text)
    return 1 if wrong else 0


sys.exit(main())
