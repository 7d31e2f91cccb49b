"""Check the encoder of chats.py against mistral-common's v11 tokenizer on a few hundred conversations.

    python test_template.py [count]
"""
import base64
import io
import json
import random
import sys
import warnings

from mistral_common.protocol.instruct.request import ChatCompletionRequest
from mistral_common.tokens.tokenizers.mistral import MistralTokenizer
from PIL import Image

import chats
import data
from vocabulary import FOLDER, encode

warnings.filterwarnings("ignore")


def picture_url(rows, cols):
    out = io.BytesIO()
    Image.new("RGB", (cols * data.UNIT, rows * data.UNIT), "white").save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def openai_messages(messages):
    out = []
    for m in messages:
        if m["role"] == "user":
            parts = [{"type": "text", "text": p} if isinstance(p, str) else
                     {"type": "image_url", "image_url": {"url": picture_url(p.rows, p.cols)}} for p in m["parts"]]
            out.append({"role": "user", "content": parts if len(parts) > 1 else parts[0]["text"]})
        elif m["role"] == "assistant":
            new = {"role": "assistant", "content": m.get("content") or ""}
            if m.get("calls"):
                new["tool_calls"] = [{"id": c.get("id", "null"), "type": "function", "function": {"name": c["name"], "arguments": json.dumps(c["args"])}}
                                     for c in m["calls"]]
            out.append(new)
        elif m["role"] == "tool":
            out.append({"role": "tool", "content": m["content"], "tool_call_id": m["id"]})
        else:
            out.append({"role": "system", "content": m["content"]})
    return out


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    tokenizer = MistralTokenizer.from_file(str(FOLDER / "tekken.json"))
    raw = tokenizer.instruct_tokenizer.tokenizer
    rng = random.Random("template")
    for i in range(count):
        messages, tools = chats.conversation(rng, {"card_prompt": .05})
        # mistral-common wants a user or tool message last: the answer is checked by itself
        upto = messages[:-1]
        mine, _, _ = chats.encode_chat(upto, tools)
        request = ChatCompletionRequest.from_openai(openai_messages(upto), tools=tools)
        theirs = tokenizer.encode_chat_completion(request).tokens
        assert mine == theirs, (i, messages, mine, theirs)
        last = messages[-1]
        if last.get("content"):
            assert list(encode(last["content"])) == raw.encode(last["content"], bos=False, eos=False)
    print(f"{count} conversations: the same ids as mistral-common")


if __name__ == "__main__":
    main()
