"""Codex, Claude Code and OpenCode, whole, with their own prompts and tools, against the scripted
engine: what they print as JSON of what they did is looked at.

    coding.py URL BIN PICTURE    BIN is the folder of their commands; a line of JSON per cell
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

URL, BIN, PICTURE = sys.argv[1:4]
PICTURE = os.path.abspath(PICTURE)
HOME = tempfile.TemporaryDirectory(prefix="sirocco-agents-")
WORK = pathlib.Path(HOME.name, "work")
WORK.mkdir()
WORDS = " ".join(f"word{i}" for i in range(40))
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}, "degrees": {"type": "integer"}}, "required": ["city", "degrees"], "additionalProperties": False}
FILL = '<<FILL {"city": "Paris", "degrees": 21}>>'
WEATHER = {"city": "Paris", "degrees": 21}
ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": HOME.name, "CODEX_HOME": HOME.name, "ANTHROPIC_BASE_URL": URL, "ANTHROPIC_API_KEY": "x",
               "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1", "ANTHROPIC_SMALL_FAST_MODEL": "scripted", "IS_SANDBOX": "1",
               "OPENCODE_DISABLE_AUTOUPDATE": "1", "OPENCODE_DISABLE_MODELS_FETCH": "1"}


def run(*command, said=""):
    """The objects that a program printed, a line each."""
    done = subprocess.run(command, cwd=WORK, env=ENVIRONMENT, input=said, capture_output=True, text=True, timeout=300)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert done.returncode == 0, f"exit {done.returncode}: {done.stderr[-400:]} {done.stdout[-400:]}"
    return lines


def expect(found, *said):
    assert found, f"not in what it printed: {said}"


def codex(*more):
    provider = ["-m", "scripted", "-c", "model_provider=s", "-c", "model_providers.s.name=s", "-c", f"model_providers.s.base_url={URL}/v1", "-c", "model_providers.s.wire_api=responses"]
    kinds = [line["item"] for line in run(f"{BIN}/codex", "exec", "--json", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", *provider, *more)
             if line["type"] == "item.completed"]
    return kinds, [item["text"] for item in kinds if item["type"] == "agent_message"][-1]


def codex_tools():
    items, text = codex('<<CALL exec_command {"cmd": "echo hello-from-the-shell"}>>')
    expect([i for i in items if i["type"] == "command_execution" and i["aggregated_output"] == "hello-from-the-shell\n"], items)
    expect("hello-from-the-shell" in text, text)


def codex_stream():  # it asks for streams alone
    expect(codex(f"<<SAY {WORDS}>>")[1] == WORDS)


def codex_picture():
    text = codex("-i", PICTURE, "--", "<<LOOK>>")[1]
    expect(re.search(r"I see a \w+ of \d+ × \d+", text), text)


def codex_structured():
    path = WORK / "schema.json"
    path.write_text(json.dumps(SCHEMA))
    expect(json.loads(codex("--output-schema", str(path), FILL)[1]) == WEATHER)


def codex_second():
    codex("<<SAY Hello.>>")
    text = codex("resume", "--last", "<<RECALL>>")[1]
    expect(text == "Before that I said: Hello.", text)


def claude(prompt, *more):
    lines = run(f"{BIN}/claude", "-p", "--output-format", "stream-json", "--verbose", "--model", "scripted", *more, "--", prompt)
    return lines, lines[-1]


def claude_tools():
    lines, last = claude('<<CALL Bash {"command": "echo hello-from-the-shell", "description": "Say hello"}>>', "--allowedTools", "Bash(echo:*)")
    expect([line for line in lines if line.get("tool_use_result", {}).get("stdout") == "hello-from-the-shell"], lines)
    expect(last["result"] == "The tool said: hello-from-the-shell", last)


def claude_stream():
    lines, last = claude(f"<<SAY {WORDS}>>", "--include-partial-messages")
    pieces = [line["event"]["delta"].get("text", "") for line in lines if line["type"] == "stream_event" and line["event"]["type"] == "content_block_delta"]
    expect(len(pieces) > 10 and "".join(pieces) == WORDS == last["result"], pieces, last)


def claude_picture():
    last = claude('<<CALL Read {"file_path": ' + json.dumps(PICTURE) + "}>>", "--allowedTools", "Read")[1]
    expect(re.search(r"I see a \w+ of \d+ × \d+", last["result"]), last)


def claude_structured():
    last = claude(FILL, "--json-schema", json.dumps(SCHEMA))[1]
    expect(last.get("structured_output") == WEATHER, last)


def claude_second():
    claude("<<SAY Hello.>>")
    last = claude("<<RECALL>>", "--continue")[1]
    expect(last["result"] == "Before that I said: Hello.", last)


OPENCODE = {"model": "s/scripted", "small_model": "s/scripted", "permission": {"bash": "allow"}, "autoupdate": False, "share": "disabled", "provider": {"s": {
    "npm": "@ai-sdk/openai-compatible", "name": "s", "options": {"baseURL": URL + "/v1", "apiKey": "x"}, "models": {"scripted": {
        "name": "scripted", "attachment": True, "tool_call": True, "modalities": {"input": ["text", "image"], "output": ["text"]}, "limit": {"context": 131072, "output": 4096}}}}}}
(WORK / "opencode.json").write_text(json.dumps(OPENCODE))


def opencode(prompt, *more):  # as an argument it would come in quotes
    parts = [line["part"] for line in run(f"{BIN}/opencode", "run", "--format", "json", *more, said=prompt)]
    return parts, "".join(part["text"] for part in parts if part["type"] == "text")


def opencode_tools():
    parts, text = opencode('<<CALL bash {"command": "echo hello-from-the-shell"}>>')
    expect([part for part in parts if part["type"] == "tool" and part["state"].get("output") == "hello-from-the-shell\n"], parts)
    expect(text == "The tool said: hello-from-the-shell", text)


def opencode_stream():  # it asks for streams alone
    expect(opencode(f"<<SAY {WORDS}>>")[1] == WORDS)


def opencode_picture():
    text = opencode("<<LOOK>>", "-f", PICTURE)[1]
    expect(re.search(r"I see a \w+ of \d+ × \d+", text), text)


def opencode_structured():
    help = subprocess.run([f"{BIN}/opencode", "run", "--help"], env=ENVIRONMENT, capture_output=True, text=True, timeout=60)
    assert "schema" not in help.stdout + help.stderr, "it has learned to"
    return "the client cannot: `opencode run --help` names no schema"


def opencode_second():
    opencode("<<SAY Hello.>>")
    text = opencode("<<RECALL>>", "--continue")[1]
    expect(text == "Before that I said: Hello.", text)


CLIENTS = {
    "Codex CLI": (codex_tools, codex_stream, codex_picture, codex_structured, codex_second),
    "Claude Code": (claude_tools, claude_stream, claude_picture, claude_structured, claude_second),
    "OpenCode": (opencode_tools, opencode_stream, opencode_picture, opencode_structured, opencode_second),
}
for name, checks in CLIENTS.items():
    for cell, check in zip(("tools", "stream", "picture", "structured", "second turn"), checks):
        try:
            result = check() or "yes"
        except Exception as error:
            result = f"{type(error).__name__}: {error}"[:1500]
        print(json.dumps({"client": name, "cell": cell, "result": result}), flush=True)
