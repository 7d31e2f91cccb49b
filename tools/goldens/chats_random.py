"""Random chats, most of them valid: `random_chat(rng, version)` gives one request."""
import json

from chats_parts import ARGUMENTS, TEXTS, WEATHER, assistant, call, picture, result, system, text, tool, user

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PLACES = "abc éß日本🙂 \n\t'\"\\/<>[]{}()0123456789.,:;-_+=&%$#@!?~^|`\u00a0\u200b\u0301\x00\x7f"


def words(rng):
    kind = rng.random()
    if kind < 0.5:
        return rng.choice(TEXTS)
    if kind < 0.6:
        return ""
    return "".join(rng.choice(PLACES) for _ in range(rng.randint(1, 40)))


def content(rng, pictures=False):
    if rng.random() < 0.6:
        return words(rng)
    parts = []
    for _ in range(rng.randint(0, 5)):
        if pictures and rng.random() < 0.4:
            parts.append(picture(rng.randint(1, 120), rng.randint(1, 120)))
        else:
            parts.append(text(words(rng)))
    return parts


def number(rng):
    return rng.choice([
        lambda: str(rng.randint(-10**rng.randint(1, 30), 10**rng.randint(1, 30))), lambda: repr(rng.uniform(-1, 1) * 10 ** rng.randint(-30, 30)),
        lambda: f"{rng.randint(0, 999)}.{rng.randint(0, 10**6)}e{rng.randint(-330, 320)}", lambda: f"{rng.randint(0, 9)}E+{rng.randint(0, 20)}", lambda: "-0", lambda: "-0.0", lambda: "0.0", lambda: "NaN",
    ])()


def string(rng):
    escapes = ['\\n', '\\"', '\\\\', '\\/', '\\u00e9', '\\ud83d\\ude42', '\\udc00', '\\u0000', 'é', '🙂', ' ', 'a', 'B', '7', '\u2028', '<', '\x7f']
    return '"' + "".join(rng.choice(escapes) for _ in range(rng.randint(0, 8))) + '"'


def json_text(rng, depth=0):
    """JSON as somebody else's serialiser may write it."""
    gap = lambda: rng.choice(["", "", " ", "\n", "\t "])
    kind = rng.random()
    if depth > 3 or kind < 0.3:
        return rng.choice([number, string, lambda r: r.choice(["true", "false", "null", "Infinity", "-Infinity"])])(rng)
    if kind < 0.5:
        return "[" + gap() + (gap() + "," + gap()).join(json_text(rng, depth + 1) for _ in range(rng.randint(0, 4))) + gap() + "]"
    keys = ['"a"', '"b"', '"\\u0061"', '""', string(rng)]
    members = (rng.choice(keys) + gap() + ":" + gap() + json_text(rng, depth + 1) for _ in range(rng.randint(0, 5)))
    return "{" + gap() + (gap() + "," + gap()).join(members) + gap() + "}"


def arguments(rng):
    kind = rng.random()
    if kind < 0.3:
        return rng.choice(ARGUMENTS)
    made = json_text(rng)
    if kind < 0.45:  # damaged
        at = rng.randint(0, len(made))
        return made[:at] + rng.choice(["", ",", "}", '"', "x", "\\", "\n"]) + made[at + rng.randint(0, 2):]
    if kind < 0.55:
        value = json.loads(made)
        return value if isinstance(value, dict) else made
    return made


def schema(rng, depth=0):
    s = {}
    for _ in range(rng.randint(0, 4)):
        key = rng.choice(["type", "description", "enum", "minimum", "pattern", "properties", "required", "items", "additionalProperties", "anyOf", "minLength", "x-note", "default", "title"])
        s[key] = {
            "type": lambda: rng.choice(["object", "string", "integer", ["string", "null"]]), "description": lambda: words(rng), "enum": lambda: [words(rng), 1, 2.5, None][: rng.randint(0, 4)],
            "minimum": lambda: rng.choice([0, -1.5, 1e20, 10**25]), "pattern": lambda: rng.choice(["^a+$", r"\d{3}-\d{4}", "[a-z]*?", r"(?i)x|y", "(?!no)"]),
            "properties": lambda: {words(rng): schema(rng, depth + 1) for _ in range(rng.randint(0, 3) if depth < 3 else 0)}, "required": lambda: sorted({words(rng) for _ in range(rng.randint(0, 3))}),
            "items": lambda: schema(rng, depth + 1) if depth < 3 else True, "additionalProperties": lambda: rng.random() < 0.5, "anyOf": lambda: [schema(rng, depth + 1) if depth < 3 else {}],
            "minLength": lambda: rng.choice([0, 3, 4.0]), "x-note": lambda: {"any": [1, None]}, "default": lambda: json.loads(json_text(rng, 2)), "title": lambda: words(rng),
        }[key]()
    return s


def a_tool(rng):
    if rng.random() < 0.3:
        return WEATHER
    name = "".join(rng.choice(ALPHABET + "_-") for _ in range(rng.randint(1, 64)))
    return tool(name, rng.choice([None, words(rng)]), rng.choice([None, schema(rng)]), **rng.choice([{}, {"strict": True}, {"other": 1}]))


def an_id(rng):
    return "".join(rng.choice(ALPHABET) for _ in range(9))


def a_round(rng, messages):
    """An assistant's calls and their results, sometimes in another order or not all."""
    ids = [an_id(rng) for _ in range(rng.randint(1, 4))]
    calls = [call(id, rng.choice(["get_weather", "f", "a-b_C"]), arguments(rng)) for id in ids]
    messages.append(assistant(rng.choice([None, "", words(rng)]), calls))
    if rng.random() < 0.3:
        rng.shuffle(ids)
    messages += [result(id, content(rng), **rng.choice([{}, {"name": "f"}])) for id in ids]


def damage(rng, messages):
    """Makes a chat that the reference may refuse."""
    m = rng.choice(messages)
    what = rng.random()
    if what < 0.2:
        messages.remove(m)
    elif what < 0.4:
        messages.insert(rng.randint(0, len(messages)), dict(rng.choice(messages)))
    elif what < 0.6:
        m["role"] = rng.choice(["user", "assistant", "system", "tool"])
    elif what < 0.8:
        m["content"] = rng.choice([None, "", [], [text("")], [picture(9, 9)]])
    elif "tool_call_id" in m:
        m["tool_call_id"] = rng.choice([an_id(rng), "", "call_1", None])
    elif m.get("tool_calls"):
        c = rng.choice(m["tool_calls"])
        c["id"] = rng.choice([an_id(rng), "", "call_1", None, "null"])


def random_chat(rng, broken=0.2):
    messages = []
    for _ in range(rng.randint(0, 2)):
        messages.append(system(content(rng)))
    for _ in range(rng.randint(1, 4)):
        for _ in range(rng.choice([1, 1, 1, 2])):
            messages.append(user(content(rng, pictures=True)))
        if rng.random() < 0.15:
            messages.append(system(content(rng)))
        while rng.random() < 0.4:
            a_round(rng, messages)
        if rng.random() < 0.7:
            messages += [assistant(content(rng)) for _ in range(rng.choice([1, 1, 2]))]
    request = {"messages": messages}
    if messages[-1]["role"] == "assistant":
        if rng.random() < 0.4:
            request["continue_final_message"] = True
        elif rng.random() < 0.9:
            messages.append(user(content(rng, pictures=True)))
    if rng.random() < 0.5:
        request["tools"] = [a_tool(rng) for _ in range(rng.randint(0, 3))]
    if rng.random() < broken:
        damage(rng, messages)
    return request
