"""Requests that the reference refuses, each for one reason; `refused` yields requests."""
from chats_parts import A, B, WEATHER, assistant, call, chat, data_url, picture, result, system, text, tool, user


def shapes():
    yield {}
    yield {"messages": None}
    yield {"messages": {}}
    yield {"messages": "hello"}
    yield chat()
    yield chat("hello")
    yield chat(None)
    yield chat({"content": "no role"})
    yield chat({"role": "user"})
    yield chat(user(None))
    yield chat(user(5))
    yield chat(user({"type": "text", "text": "a"}))
    yield chat(user(["a"]))
    yield chat(user([None]))
    yield chat(user([{"text": "no type"}]))
    yield chat(user([{"type": "text"}]))
    yield chat(user([{"type": "text", "text": None}]))
    yield chat(user([{"type": "video", "video": "x"}]))
    yield chat(user([{"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}]))
    yield chat(system(None), user("a"))
    for role in "", "bot", "developer", "function", "User", None, 3:
        yield chat({"role": role, "content": "a"})


def order():
    yield chat(assistant("alone"))
    yield chat(assistant("alone"), continue_final_message=True)
    yield chat(result(A))
    yield chat(user("a"), assistant("b"))
    yield chat(user("a"), assistant("b"), continue_final_message=False)
    yield chat(user("a"), continue_final_message=True)
    yield chat(user("a"), assistant("b"), user("c"), continue_final_message=True)
    yield chat(user("a"), assistant("b"), system("c"), user("d"))
    yield chat(system("a"), result(A))
    yield chat(user("a"), result(A))
    yield chat(user("a"), assistant("b", [call(A)]), result(A), system("c"))
    yield chat(user("a"), assistant("b", prefix=True), user("c"))
    yield chat(user("a"), assistant("b", prefix=True), assistant("c", prefix=True))
    yield chat(user("a"), assistant(""), user("b"))
    yield chat(user("a"), assistant(), user("b"))
    yield chat(user("a"), assistant([]), user("b"))
    yield chat(user("a"), assistant("", []), user("b"))
    yield chat(user("a"), assistant(""), continue_final_message=True)


def pairing():
    yield chat(user("a"), assistant("b", [call(A)]), assistant("c"), user("d"))
    yield chat(user("a"), assistant("b", [call(A), call(B)]), result(A), assistant("c"), user("d"))
    yield chat(user("a"), assistant("b", [call(A)]), result(A), assistant("c"), result(A), assistant("d"), user("e"))
    yield chat(user("a"), assistant("b"), result(A), assistant("c"), user("d"))


def pairing_by_id():
    """From v11 on results are matched to calls, not only counted."""
    yield chat(user("a"), assistant("b", [call(A)]), result(B))
    yield chat(user("a"), assistant("b"), result(A))
    yield chat(user("a"), assistant("b", [call(A), call(A)]), result(A))
    yield chat(user("a"), assistant("b", [call(A)]), result(A), result(A))
    yield chat(user("a"), assistant("b", [call(A)]), result(A), assistant("c"), result(A))
    yield chat(assistant("first", [call(A)]), result(A))


def ids():
    """Up to v11 an id is nine letters or digits."""
    for id in "call_abc123", "12345678", "1234567890", "a1B2c3D4é", "a1B2-3D4e", "a1B2 3D4e", "\na1B2c3D4e", "chatcmpl-tool-0123456789":
        yield chat(user("a"), assistant("b", [call(id)]), result(id))
    yield chat(user("a"), assistant("b", [call(A)]), result("call_abc123"))


def calls():
    for id in "", "null", None, 123456789:
        yield chat(user("a"), assistant("b", [call(id)]), result(A))
        yield chat(user("a"), assistant("b", [call(A)]), result(id))
    yield chat(user("a"), assistant("b", [{"type": "function", "function": {"name": "f", "arguments": "{}"}}]), result(A))
    yield chat(user("a"), assistant("b", [call(A)]), {"role": "tool", "content": "no id"})
    yield chat(user("a"), assistant("b", [call(A)]), {"role": "tool", "tool_call_id": A})
    yield chat(user("a"), assistant("b", [call(A)]), result(A, None))
    for name in "", "a b", "größe", "x" * 65, "a.b", "f()", None, 7, "\n":
        yield chat(user("a"), assistant("b", [call(A, name=name)]), result(A))
    for name in "", "a b", 5:
        yield chat(user("a"), assistant("b", [call(A)]), result(A, name=name))
    for arguments in 5, [1], True, "1" * 5000, "[" * 5000 + "]" * 5000:
        yield chat(user("a"), assistant("b", [call(A, arguments=arguments)]), result(A))
    yield chat(user("a"), assistant("b", [{"id": A, "function": {"name": "f"}}]), result(A))
    yield chat(user("a"), assistant("b", [{"id": A, "function": None}]), result(A))
    yield chat(user("a"), assistant("b", [{"id": A}]), result(A))
    yield chat(user("a"), assistant("b", [{"id": A, "type": "custom", "function": {"name": "f", "arguments": "{}"}}]), result(A))
    yield chat(user("a"), assistant("b", ["f"]), result(A))
    yield chat(user("a"), assistant("b", {"id": A}), result(A))
    yield chat(user("a"), assistant("b", reasoning_content="I think"), user("c"))
    yield chat(user("a"), assistant([{"type": "thinking", "thinking": "I think"}, text("b")]), user("c"))


def pictures():
    yield chat(system([picture(9, 9)]), user("a"))
    yield chat(user("a"), assistant([picture(9, 9)]), user("b"))
    yield chat(user("a"), assistant("b", [call(A)]), result(A, [picture(9, 9)]))
    good = data_url(9, 9)
    for url in (
        "", "picture.png", "/etc/passwd", "ftp://example.org/a.png", "data:image/png;base64,", "data:image/png,abc", "data:image/png;base64", "data:", good.replace(";base64", ""),
        "data:image/png;base64,bm90IGEgcGljdHVyZQ==", "data:image/png;base64,!!!!", "DATA" + good[4:], good[:60], good.replace("iVBO", "iVBé"), good.split(",")[1],
    ):
        yield chat(user([{"type": "image_url", "image_url": {"url": url}}]))
    for value in None, 5, {}, {"url": None}, [good]:
        yield chat(user([{"type": "image_url", "image_url": value}]))
    yield chat(user([{"type": "image_url"}]))
    yield chat(user([{"type": "image", "image": good}]))


def tools():
    for value in "get_weather", [None], ["f"], [{}], [{"type": "function"}], [{"type": "function", "function": {}}], [{"type": "function", "function": None}], [{"name": "f"}]:
        yield chat(user("a"), tools=value)
    yield chat(user("a"), tools=[{"type": "custom", "function": {"name": "f"}}])
    yield chat(user("a"), tools=[{"type": None, "function": {"name": "f"}}])
    for name in "", "a b", "größe", "x" * 65, "a/b", None, 5:
        yield chat(user("a"), tools=[WEATHER, {"type": "function", "function": {"name": name}}])
    yield chat(user("a"), tools=[tool(description=5)])
    yield chat(user("a"), tools=[tool(strict="perhaps")])
    for parameters in ("{}", [], 5, True):
        yield chat(user("a"), tools=[tool(parameters=parameters)])
    for schema in (
        {"type": "sting"}, {"type": []}, {"type": ["string", "string"]}, {"type": None}, {"type": {}}, {"properties": []}, {"properties": {"a": 3}}, {"properties": {"a": {"type": "str"}}},
        {"required": "a"}, {"required": ["a", "a"]}, {"required": [1]}, {"enum": "a"}, {"enum": {}}, {"items": "x"}, {"items": []}, {"minLength": -1}, {"minLength": 1.5}, {"maxItems": True}, {"multipleOf": 0},
        {"minimum": "1"}, {"exclusiveMinimum": True}, {"pattern": "["}, {"pattern": "(?<=a+)b"}, {"pattern": r"\p{L}"}, {"pattern": 5}, {"patternProperties": {"(": {}}}, {"additionalProperties": "no"},
        {"allOf": []}, {"anyOf": {}}, {"oneOf": [1]}, {"not": "x"}, {"dependencies": {"a": [1]}}, {"definitions": {"a": []}}, {"$ref": 1}, {"title": 1}, {"description": None}, {"format": 1}, {"uniqueItems": "yes"},
        {"if": 1}, {"contains": None}, {"propertyNames": 0}, {"const": 1, "examples": {}}, {"properties": {"a": {"items": [{"not": {"type": "x"}}]}}},
    ):
        yield chat(user("a"), tools=[tool(parameters=schema)])
    yield chat(user("a"), tools=[WEATHER], tool_choice="perhaps")
    yield chat(user("a"), tools=[WEATHER], tool_choice={"type": "function"})


def refused(version):
    groups = [shapes, order, pairing, calls, pictures, tools]
    if version != "v13":
        groups.append(ids)
    if version != "v7":
        groups.append(pairing_by_id)
    for group in groups:
        yield from group()
