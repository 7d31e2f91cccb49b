"""Compares what `sirocco mcp` lists of real servers with what the official Python client lists, byte for byte where JSON allows it, and
makes a call of each. usage: check.py SIROCCO NODE_FOLDER TABLE"""
import asyncio
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

from mcp import Client, StdioServerParameters
from mcp.client.sse import sse_client
from mcp.shared.exceptions import MCPError

sirocco, node, table = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
here = pathlib.Path(__file__).resolve().parent
python = sys.executable
scripts = pathlib.Path(python).parent
programs = node / "node_modules" / ".bin"
examples = node / "node_modules/@modelcontextprotocol/sdk/dist/esm/examples/server"
work = tempfile.mkdtemp(prefix="sirocco-mcp-")
pathlib.Path(work, "note.txt").write_text("words of a note\n")
subprocess.run(["git", "init", "-q", work], check=True)
os.environ["MEMORY_FILE_PATH"] = work + "/memory.json"

# name, program, tool, arguments, what the result must hold
local = [
    ("server-everything", [programs / "mcp-server-everything"], "echo", {"message": "hi <b>"}, "hi <b>"),
    ("server-filesystem", [programs / "mcp-server-filesystem", work], "read_text_file", {"path": work + "/note.txt"}, "words of a note"),
    ("server-memory", [programs / "mcp-server-memory"], "read_graph", {}, "entities"),
    ("server-sequential-thinking", [programs / "mcp-server-sequential-thinking"], "sequentialthinking",
     {"thought": "a", "nextThoughtNeeded": False, "thoughtNumber": 1, "totalThoughts": 1}, "thoughtHistoryLength"),
    ("@playwright/mcp", [programs / "playwright-mcp"], "browser_tabs", {"action": "list"}, ""),
    ("chrome-devtools-mcp", [programs / "chrome-devtools-mcp", "--no-usage-statistics", "--no-performance-crux"], "list_pages", {}, ""),
    ("context7-mcp", [programs / "context7-mcp"], "resolve-library-id", {"query": "a", "libraryName": "b"}, ""),
    ("mcp-server-kubernetes", [programs / "mcp-server-kubernetes"], "ping", {}, ""),
    ("mcp-server-fetch", [scripts / "mcp-server-fetch"], "fetch", {"url": "http://127.0.0.1:9/"}, ""),
    ("mcp-server-git", [scripts / "mcp-server-git"], "git_status", {"repo_path": work}, "No commits yet"),
    ("mcp-server-time", [scripts / "mcp-server-time"], "get_current_time", {"timezone": "Asia/Tokyo"}, "Asia/Tokyo"),
    ("Python SDK, stdio", [python, here / "server.py", "stdio"], "count", {}, str(2**60 + 1)),
    ("TypeScript SDK, stdio", ["node", examples / "mcpServerOutputSchema.js"], "get_weather", {"city": "Oslo", "country": "Norway"}, "conditions"),
]

# name, program, path, tool, arguments, what the result must hold; the examples of the TypeScript SDK all listen on port 3000
remote = [(f"Python SDK, {title}", lambda port, mode=mode: [python, here / "server.py", mode, port], path, "count", {}, str(2**60 + 1))
          for title, mode, path in [("streamable HTTP", "http", "/mcp"), ("stateless", "stateless", "/mcp"), ("JSON answers", "json", "/mcp"), ("old SSE", "sse", "/sse")]]
remote += [(f"TypeScript SDK, {title}", lambda port, file=file: ["node", examples / file], path, tool, arguments, result)
           for title, file, path, tool, arguments, result in [
               ("streamable HTTP", "simpleStreamableHttp.js", "/mcp", "greet", {"name": "Ada"}, "Ada"),
               ("stateless", "simpleStatelessStreamableHttp.js", "/mcp", "start-notification-stream", {"interval": 10, "count": 2}, "notifications"),
               ("JSON answers", "jsonResponseStreamableHttp.js", "/mcp", "greet", {"name": "Ada"}, "Ada"),
               ("old SSE", "simpleSseServer.js", "/mcp", "start-notification-stream", {"interval": 10, "count": 2}, "notifications"),
               ("resources alone", "standaloneSseWithGetStreamableHttp.js", "/mcp", None, {}, "")]]


def ours(target, *flags):
    done = subprocess.run([sirocco, "mcp", *flags, "--", *map(str, target)], capture_output=True, text=True, timeout=120)
    return done.stdout, done.stderr, done.returncode


async def theirs(target, old):
    if len(target) == 1 and str(target[0]).startswith("http"):
        server = sse_client(target[0]) if old else target[0]
    else:
        server = StdioServerParameters(command=str(target[0]), args=[str(a) for a in target[1:]], env=dict(os.environ))
    async with Client(server) as client:
        tools, cursor = [], None
        while True:
            try:
                page = await client.list_tools(cursor=cursor)
            except MCPError as error:
                if error.code == -32601:  # it has resources alone
                    return tools
                raise
            tools += [(t.name, t.description or "", json.dumps(t.input_schema)) for t in page.tools]
            cursor = page.next_cursor
            if not cursor:
                return tools


def check(name, target, tool, arguments, expected, old=False):
    """One row of the table, and whether all is well."""
    want = asyncio.run(asyncio.wait_for(theirs(target, old), 90))
    out, err, code = ours(target, "--json")
    if code != 0:
        return f"| {name} | {len(want)} | not listed: {err.strip()[:200]} | |", False
    have = {t["name"]: (t["name"], t.get("description", ""), json.dumps(t["inputSchema"])) for t in json.loads(out)["tools"]}
    wrong = [t[0] for t in want if have.get(t[0]) != t]
    more = len(have) - len(want)
    listed = "the same, order of keys included" if not wrong else "differs: " + ", ".join(wrong)
    if more > 0:
        listed += f"; {more} more, for what this client can do beside"
    called = "not called"
    ok = not wrong
    if tool:
        out, err, code = ours(target, "--call", tool, "--args", json.dumps(arguments))
        # Without what it needs, a tool answers that it failed: the words are its own, not ours about the connection.
        fine = expected in out and (code == 0 or not expected) and (out.strip() or code == 0) and "ended during the call" not in err
        called = f"`{tool}`" + (": " + ("as expected" if expected else "answers") if fine else f" fails ({code}): {(out + err).strip()[:200]}")
        ok = ok and fine
    return f"| {name} | {len(want)} | {listed} | {called} |", ok


def listening(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def check_remote(name, program, path, tool, arguments, expected):
    port = 3000 if name.startswith("TypeScript") else free_port()
    if listening(port):
        return f"| {name} | | port {port} is taken | |", False
    server = subprocess.Popen([str(a) for a in program(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        for _ in range(200):
            if listening(port):
                break
            time.sleep(0.1)
        return check(name, [f"http://127.0.0.1:{port}{path}"], tool, arguments, expected, "old SSE" in name)
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


rows, failed = [], 0
for run, cells in ((check, local), (check_remote, remote)):
    for cell in cells:
        try:
            row, ok = run(*cell)
        except Exception as error:  # the client's own, or one of a server that does not start
            row, ok = f"| {cell[0]} | | {error!r:.200} | |".replace("\n", " "), False
        failed += not ok
        rows.append(row)
        print(("ok    " if ok else "FAIL  ") + row, flush=True)
text = "\n".join(["| server | tools | beside the Python client's list | a call |", "|---|---:|---|---|", *rows])
if failed == 0:
    page = pathlib.Path(table)
    begin, end = "<!-- table -->\n", "<!-- /table -->"
    before, rest = page.read_text().split(begin)
    page.write_text(before + begin + "\n" + text + "\n\n" + end + rest.split(end)[1])
sys.exit(failed > 0)
