"""Chats that the reference takes, each for a rule of the template; `written` yields requests."""
from chats_parts import ARGUMENTS, TEXTS, A, B, C, WEATHER, assistant, call, chat, data_url, picture, result, system, text, tool, user

SIZES = [(1, 1), (28, 28), (29, 28), (56, 56), (100, 50), (50, 100), (224, 224), (320, 240), (512, 512), (640, 480), (1541, 533), (1920, 1080), (10000, 300), (3, 4000), (1548, 1014)]


def turns():
    for t in TEXTS:
        yield chat(user(t))
        yield chat(system(t), user("a"), assistant(t + " ") if t.strip(" ") else assistant("b"), user([text(t), text(t)]))
    yield chat(user(""))
    yield chat(user([]))
    yield chat(user([text("")]))
    yield chat(user([text(""), text("a"), text(""), text("b"), text("")]))
    yield chat(system("only a system prompt"))
    yield chat(system(""), user("a"))
    yield chat(system([text("a"), text("b")]), system([]), user("c"))
    yield chat(user("a"), system("in the middle"), user("b"))
    yield chat(user("a"), system("at the end"))
    yield chat(system("a"), assistant("the assistant begins"), user("b"))
    yield chat(assistant("the assistant begins"), user("b"))
    yield chat(user("a"), user("b"), user([text("c"), text("d")]), assistant("e "), assistant([text("f"), text("g  ")]), user("h"))
    yield chat(user("a"), assistant("   "), user("b"))
    yield chat(user("a"), assistant(""), assistant("b"), user("c"))
    yield chat(user("a"), assistant("b\n \t "), user("c"))


def pictures():
    for size in SIZES:
        yield chat(user([text("What is this?"), picture(*size)]))
    a, b, c = picture(28, 28), picture(56, 30), picture(90, 20)
    yield chat(user([a]))
    yield chat(user([a, b]))
    yield chat(user([a, text("x")]))
    yield chat(user([text("x"), a, b]))
    yield chat(user([text("x"), text("y"), a]))
    yield chat(user([text(""), a]))
    yield chat(user([text("A"), a, text("B"), text("C"), b, text("D"), text("E")]))
    yield chat(user([text("x"), a]), user([text("y")]))
    yield chat(user("x"), user([a]))
    yield chat(user([a]), user([b]), user("z"))
    yield chat(user([text("x"), a]), assistant("y"), user([text("z"), b, c]))
    yield chat(system("s"), user([a] * 10 + [text("ten")]))
    yield chat(user([text("plain"), {"type": "image_url", "image_url": data_url(40, 40)}]))
    yield chat(user([{"type": "image_url", "image_url": {"url": data_url(40, 40), "detail": "high"}}, text("detail")]))
    yield chat(user([{"type": "image_url", "image_url": {"url": data_url(40, 40).replace("image/png", "image/png;charset=utf-8")}}]))
    yield chat(user([{"type": "image_url", "image_url": {"url": data_url(40, 40).replace("png;base64,", "png;base64,\n ")}}]))
    for kind in "jpeg", "webp", "gif", "bmp", "tiff":
        yield chat(user([picture(45, 31, kind=kind), text(kind)]))
    for mode, shade in (("RGB", (1, 2, 3)), ("RGBA", (1, 2, 3, 4)), ("1", 1), ("P", 3), ("LA", (5, 6)), ("I;16", 700)):
        yield chat(user([picture(33, 61, mode=mode, shade=shade), text(mode)]))


def one_round(arguments):
    return chat(user("?"), assistant(calls=[call(A, arguments=arguments)]), result(A), tools=[WEATHER])


def calls():
    for arguments in ARGUMENTS:
        yield one_round(arguments)
    yield one_round({"as": "an object", "é": [1, 2.50, None, True]})
    yield one_round(None)
    yield one_round({})
    for content in ("", "{}", '{"temp":21}', "not json", "  spaced  ", [text("a"), text("b")], [], "x\n", '{"a":1,"a":2}'):
        yield chat(user("?"), assistant("", [call(A)]), result(A, content), tools=[WEATHER])
    yield chat(user("?"), assistant("Let me look. ", [call(A), call(B, arguments='{"city":"Rome"}')]), result(A), result(B, "25"), tools=[WEATHER])
    yield chat(user("?"), assistant(None, [call(A), call(B), call(C)]), result(C, "3"), result(A, "1"), result(B, "2"), tools=[WEATHER])
    yield chat(user("?"), assistant("a", [call(A)]), result(A), assistant("21 degrees."), user("And Rome?"), tools=[WEATHER])
    yield chat(user("?"), assistant("a", [call(A)]), result(A), assistant("b", [call(A)]), result(A), assistant("c", [call(B)]), result(B), tools=[WEATHER])
    yield chat(user("?"), assistant("a"), assistant("b", [call(A)]), result(A), user("after a tool"), tools=[WEATHER])
    yield chat(user("?"), assistant("a", [call(A)]), user("never answered"), tools=[WEATHER])
    yield chat(user("?"), assistant("a", [call(A), call(B)]), result(B, name="get_weather"), user("half answered"), tools=[WEATHER])
    yield chat(user("?"), assistant("no calls", []), user("b"))
    yield chat(user("?"), assistant("x", [call(A, name="n" * 64), call(B, name="a-b_C9")]), result(A), result(B))
    yield chat(user("?"), assistant("x", [{"id": A, "function": {"name": "f", "arguments": "{}"}, "index": 0}]), result(A))
    yield chat(user([text("?"), picture(30, 30)]), assistant("", [call(A)]), result(A), user([text("and"), picture(20, 20), text("this")]), tools=[WEATHER, WEATHER])
    yield chat(result(A), user("a result first"))


def tools():
    for parameters in (
        None, {}, {"type": "object"}, {"type": ["object", "null"], "title": "é", "minProperties": 2.0}, {"z": 1, "a": {"$ref": "#/nowhere"}, "pattern": r"^(?P<x>a)\d+(?=b)$"},
        {"allOf": [True, {"not": False}], "items": [{}], "dependencies": {"a": ["b"], "c": {}}}, {"enum": [], "const": None, "default": float("nan"), "examples": [1e-7]},
        {"definitions": {"d": {"if": {}, "then": {}, "else": True}}, "additionalProperties": False, "multipleOf": 0.01, "maximum": 1e400, "required": []},
        {"properties": {"<&>": {"description": "\u2028 \x7f \"q\" \\ /"}, "n": {"type": "integer", "minimum": -5}}, "patternProperties": {"^x[0-9]*$": True}, "unknown": [None]},
    ):
        yield chat(user("?"), tools=[tool(parameters=parameters)])
    yield chat(user("?"), tools=[])
    yield chat(user("?"), tools=None)
    yield chat(user("?"), tools=[tool(description="", strict=True, extra=1), {"function": {"name": "bare"}}, WEATHER])
    yield chat(user("?"), tools=[{"type": "function", "function": {"name": "n", "description": None, "parameters": None, "strict": None}, "other": 1}])
    yield chat(user("a"), assistant("b"), user("c"), assistant("d"), user("e"), tools=[WEATHER])
    yield chat(system("s"), user("a"), system("t"), user("b"), user("c"), tools=[WEATHER])
    yield chat(system("no user"), tools=[WEATHER])


def continued():
    yield chat(user("a"), assistant("b "), continue_final_message=True)
    yield chat(user("a"), assistant([text("b"), text("c")]), continue_final_message=True)
    yield chat(user("a"), assistant("b"), user("c"), continue_final_message=False)
    yield chat(user("a"), assistant("b"), assistant("c"), continue_final_message=True)
    yield chat(user("a"), assistant("b", [call(A)]), continue_final_message=True)
    yield chat(user("a"), assistant("b", [call(A)]), result(A), assistant('{"x":'), continue_final_message=True, tools=[WEATHER])
    yield chat(user("a"), assistant("b", prefix=True))
    yield chat(user("a"), assistant("b"), assistant("c ", prefix=True))
    yield chat(user("a"), assistant("b", prefix=False), user("c"), assistant("d", prefix=True), tools=[WEATHER])


def written():
    for group in turns, pictures, calls, tools, continued:
        yield from group()
