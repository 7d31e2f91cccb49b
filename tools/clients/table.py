"""The table client × cell, from the lines that cells.py, cells.mjs and coding.py print.

    table.py LINES [DOCUMENT]    fails when a cell is neither "yes" nor what a client cannot; writes into the document
"""

import json
import pathlib
import sys

CELLS = ("tools", "stream", "picture", "structured", "second turn")
BEGIN, END = "<!-- made by make test-clients -->\n", "<!-- until here -->\n"

table = {}
for line in pathlib.Path(sys.argv[1]).read_text().splitlines():
    if line.startswith("{"):
        cell = json.loads(line)
        table.setdefault(cell["client"], {})[cell["cell"]] = cell["result"]

# A crash must not pass for a short table.
CLIENTS = 27
failed = [f"{client}, {cell}: {row.get(cell, 'was not tried')}" for client, row in table.items() for cell in CELLS if row.get(cell) != "yes" and not row.get(cell, "").startswith("the client cannot: ")]
if len(sys.argv) > 2 and len(table) != CLIENTS:
    failed.append(f"{len(table)} clients were tried, not {CLIENTS}")
if failed or not table:
    sys.exit("test-clients: not right:\n  " + ("\n  ".join(failed) or "nothing was tried"))

text = "| client | " + " | ".join(CELLS) + " |\n|---|" + "---|" * len(CELLS) + "\n"
for client, row in table.items():
    text += f"| {client} | " + " | ".join(row[cell] for cell in CELLS) + " |\n"
print(text)
if len(sys.argv) > 2:
    document = pathlib.Path(sys.argv[2])
    before, rest = document.read_text().split(BEGIN)
    document.write_text(before + BEGIN + text + END + rest.split(END)[1])
