#!/usr/bin/env python3
"""docs_check.py MIA [--update] DOCUMENT...: runs the commands of documents, compares what they print.

Blocks ```console are transcripts: `$ command`, then what it prints, on both outputs. `<!-- run: command -->`
is run without being shown. All run in one folder for each document, in order. Numbers, sizes, times and digests
are not compared, only where they stand. Every --option that a document names in code must be one of the
tool's. --update writes what is printed into the documents.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile


def normal(text):
    text = re.sub(r"\b[0-9a-f]{64}\b", "HASH", text)
    text = re.sub(r"PID \d+, [\w.-]+", "PID", text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "TIME", text)
    text = re.sub(r" +\d[\d,]* records/s", "", text)
    text = re.sub(r"\d[\d,.:]*( (B|kB|MB|GB|TB))?", "N", text)
    return [re.sub(r"\s+", " ", line).strip() for line in text.strip("\n").split("\n")]


class Document:
    def __init__(self, path, environment):
        self.path = path
        self.lines = open(path, encoding="utf-8").read().split("\n")
        self.environment = environment
        self.failures = 0
        self.count = 0
        self.last = 0  # what $? is

    def run(self, command, folder):
        command = f"(exit {self.last}); {command}"
        done = subprocess.run(["bash", "-c", command], cwd=folder, env=self.environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
        self.last = done.returncode
        shown = done.stdout.replace(folder, "/srv").rstrip("\n")
        return "\n".join(line.rstrip() for line in shown.split("\n"))

    def fail(self, line, message):
        self.failures += 1
        print(f"{self.path}:{line + 1}: {message}")

    def take_block(self, at, folder):
        """The lines of a block, as they should be, and the number of the line behind it."""
        block = []
        while self.lines[at] != "```":
            first = at
            command = self.lines[at][2:]
            at += 1
            while command.endswith("\\"):
                command += "\n" + self.lines[at]
                at += 1
            begin = at
            while self.lines[at] != "```" and not self.lines[at].startswith("$ "):
                at += 1
            wanted = "\n".join(self.lines[begin:at])
            got = self.run(command, folder)
            self.count += 1
            if normal(wanted) != normal(got):
                self.fail(first, f"`{command}` prints\n{got}\ninstead of\n{wanted}")
            block += self.lines[first:begin] + (got.split("\n") if got else [])
        return block, at

    def check(self, folder):
        at, out = 0, []
        while at < len(self.lines):
            line = self.lines[at]
            out.append(line)
            at += 1
            hidden = re.fullmatch(r"<!-- run: (.*) -->", line)
            if hidden:
                subprocess.run(["bash", "-ec", hidden[1]], cwd=folder, env=self.environment, check=True,
                               stdout=subprocess.DEVNULL, timeout=120)
            if line == "```console":
                block, at = self.take_block(at, folder)
                out += block
        return out


def options_of(mia):
    listed = subprocess.run([mia, "help", "--json"], capture_output=True, text=True, check=True).stdout
    options = set()
    for name in re.findall(r'"name": "([a-z]+)"', listed):
        text = subprocess.run([mia, name, "--help"], capture_output=True, text=True, check=True).stdout
        options |= set(re.findall(r"^  --([a-z-]+)", text, re.M))
    return options


def check_options(document, known):
    """In `code` and in blocks of shell; of commands of others only mia's own are known here."""
    text = "\n".join(document.lines)
    pieces = re.findall(r"`([^`\n]*)`", text) + re.findall(r"^\$ (.*mia .*)$", text, re.M)
    for piece in pieces:
        if re.match(r"(cargo|pip|cc|cmake|pkg-config)\b", piece):
            continue
        for option in re.findall(r"(?<![\w-])--([a-z][a-z-]+)", piece):
            if option not in known:
                document.fail(0, f"there is no option --{option}")


def main():
    arguments = sys.argv[1:]
    update = "--update" in arguments
    mia, *documents = [a for a in arguments if a != "--update"]
    mia = os.path.abspath(mia)
    known, failures = options_of(mia), 0
    for path in documents:
        folder = tempfile.mkdtemp(prefix="mia-docs-")
        environment = dict(os.environ, LC_ALL="C.UTF-8", HOME=folder)
        environment["PATH"] = os.pathsep.join([os.path.dirname(mia), environment.get("MIA_INTEROP", ""),
                                               environment.get("MIA_TEST_PROGRAMS", ""), environment["PATH"]])
        document = Document(path, environment)
        try:
            out = document.check(folder)
        finally:
            subprocess.run(["chmod", "-R", "u+rwX", folder])
            shutil.rmtree(folder)
        check_options(document, known)
        print(f"{path}: {document.count} commands, {document.failures} failures")
        if document.count == 0 and not os.path.basename(path).startswith("README"):
            failures += 1
        if update:
            open(path, "w", encoding="utf-8").write("\n".join(out))
        failures += document.failures
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
