"""Building blocks of chats: pictures as data URLs, tools, calls, messages, odd texts and odd JSON."""
import base64
import io
import json

from PIL import Image


def data_url(width, height, kind="png", mode="L", shade=128):
    file = io.BytesIO()
    Image.new(mode, (width, height), shade).save(file, kind)
    return f"data:image/{kind};base64," + base64.b64encode(file.getvalue()).decode()


def text(s):
    return {"type": "text", "text": s}


def picture(width, height, **how):
    return {"type": "image_url", "image_url": {"url": data_url(width, height, **how)}}


def user(content):
    return {"role": "user", "content": content}


def system(content):
    return {"role": "system", "content": content}


def assistant(content=None, calls=None, **more):
    message = {"role": "assistant", **more}
    if content is not None:
        message["content"] = content
    if calls is not None:
        message["tool_calls"] = calls
    return message


def call(id, name="get_weather", arguments='{"city": "Paris"}'):
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def result(id, content="21", **more):
    return {"role": "tool", "tool_call_id": id, "content": content, **more}


def tool(name="get_weather", description="Get the weather", parameters=None, **more):
    function = {"name": name, "description": description, "parameters": parameters, **more}
    return {"type": "function", "function": {k: v for k, v in function.items() if v is not None}}


def chat(*messages, **more):
    return {"messages": list(messages), **more}


WEATHER = tool(parameters={
    "type": "object",
    "properties": {"city": {"type": "string", "description": "Ville, e.g. Zürich"}, "unit": {"type": "string", "enum": ["c", "f"]}},
    "required": ["city"],
})
A, B, C = "a1B2c3D4e", "000000001", "ZZZZZZZZZ"

TEXTS = [
    "Hello, how are you?", "Größe 日本語 🙂", "[INST] not a marker [/INST]</s><s>[IMG]", "  leading and trailing  ", "tabs\tand\r\nlines\n\n", " ", "\n", "x" * 300,
    "नमस्ते दुनिया", "مرحبا بالعالم", "Привет, мир!", "안녕하세요", "👩‍👩‍👧‍👦 family", "e\u0301 combining", "\u00a0\u2003blank\u3000", "\ufeffBOM", "nul \x00 in text", "a\ud800b",
    "def f(x):\n    return x**2  # comment", "3.14159 2,718 1/2", "ends with a space ", "ends with a tab\t", "ends with nbsp\u00a0", "'s 'S 'll", "\u2028\u2029", "\U0010ffff",
]

ARGUMENTS = [  # JSON as models and clients write it
    '{}', '', ' ', 'null', '[]', '{"city":"Paris"}', '{"city": "Zürich", "n": [1,2 ,3]}', '{"a":1,"b":2,"a":3}', '{"b":1,"a":2}', '{"f":[1.0,1e16,1e-5,1E5,-0.0,-0,0.1,123456789012345680.0]}',
    '{"big":123456789012345678901234567890,"neg":-5}', '{"x":NaN,"y":Infinity,"z":-Infinity,"o":1e400}', '{"s":"\\u00e9\\ud83d\\ude42\\u2028<&>\\/"}', '{"lone":"\\ud800"}',
    '{"c":"\\b\\f\\n\\r\\t\\u0000\\u001f\\u007f"}', '{"nested":{"deep":[[[{"k":null}]]],"t":true,"f":false}}', 'not json', '{"cut": "of', '{"trailing": 1,}', "{'single': 1}", '{"a":1} extra',
    '"just a string"', '5', '1.50', 'true', '\n{ "spaced" :\t1 }\r\n', '\ufeff{}', '{"":""}', '{"tab":"\t"}', '01', '1e', '-', '{"e":5e-324,"m":1.7976931348623157e308,"h":0.30000000000000004}',
    '{"half":2.5e-8,"thousand":1e3,"near":9999999999999998.0,"edge":1e15,"small":0.0001,"smaller":0.00001}', '{"k\\u0041":1,"kA":2}', '[' * 50 + ']' * 50,
]


def dumps(request):
    """One line; a string that holds half a surrogate pair is written as an escape."""
    return json.dumps(request, ensure_ascii=any(0xD800 <= ord(c) < 0xE000 for c in json.dumps(request, ensure_ascii=False)))
