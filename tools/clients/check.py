"""The requests of the model card, and of every route, through the official Python
clients of OpenAI and Anthropic. The miniature's words are a toy's; what is checked
is that the clients understand every reply.

    check.py http://127.0.0.1:8080
"""

import base64
import datetime
import json
import pathlib
import sys
import time

import anthropic
import openai

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
URL = sys.argv[1]

client = openai.OpenAI(base_url=URL + "/v1", api_key="EMPTY", max_retries=0)
claude = anthropic.Anthropic(base_url=URL, api_key="EMPTY", max_retries=0)
MODEL = client.models.list().data[0].id


def picture(path):
    return base64.b64encode((ROOT / path).read_bytes()).decode()


def system_prompt():
    today = datetime.date.today()
    text = (ROOT / "assets/prompts/system_prompt.txt").read_text()
    yesterday = today - datetime.timedelta(days=1)
    return text.format(name=MODEL, today=today, yesterday=yesterday)


def card(name):
    """A request of the card with what it leaves open filled in."""
    request = json.loads((HERE / f"requests/{name}.json").read_text())
    request["model"] = MODEL
    for message in request["messages"]:
        if message["content"] == "<system prompt>":
            message["content"] = system_prompt()
        for part in message["content"] if isinstance(message["content"], list) else []:
            if part["type"] == "image_url":
                path = part["image_url"]["url"].strip("<>")
                part["image_url"]["url"] = "data:image/png;base64," + picture(path)
    return request


def assemble(stream):
    """A stream of a chat put together: text, calls, reason, usage."""
    text, calls, reason, usage = "", {}, None, None
    for chunk in stream:
        usage = chunk.usage or usage
        for choice in chunk.choices:
            text += choice.delta.content or ""
            reason = choice.finish_reason or reason
            for call in choice.delta.tool_calls or []:
                whole = calls.setdefault(call.index, {"id": "", "name": "", "arguments": ""})
                whole["id"] += call.id or ""
                whole["name"] += call.function.name or ""
                whole["arguments"] += call.function.arguments or ""
    return text, [calls[i] for i in sorted(calls)], reason, usage


def card_requests():
    for name in ("visual_reasoning", "function_calling_1", "function_calling_2", "instruction_following"):
        reply = client.chat.completions.create(**card(name))
        choice = reply.choices[0]
        assert choice.finish_reason in ("stop", "length", "tool_calls"), choice
        assert choice.message.content or choice.message.tool_calls, choice
        assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens
        text, calls, reason, usage = assemble(
            client.chat.completions.create(**card(name), stream=True, stream_options={"include_usage": True}))
        assert (text or calls) and reason and usage.completion_tokens > 0


def streams_equal_replies():
    request = card("visual_reasoning") | {"temperature": 0, "max_tokens": 60}
    client.chat.completions.create(**request)
    whole = client.chat.completions.create(**request).choices[0]
    text, _, reason, _ = assemble(client.chat.completions.create(**request, stream=True))
    assert (text, reason) == (whole.message.content, whole.finish_reason), (text, whole)


def tools():
    for choice in ("required", {"type": "function", "function": {"name": "get_current_population"}}):
        request = card("function_calling_2") | {"tool_choice": choice, "max_tokens": 400}
        _, calls, reason, _ = assemble(client.chat.completions.create(**request, stream=True))
        assert reason == "tool_calls" and len(calls[0]["id"]) == 9, (reason, calls)
        arguments = json.loads(calls[0]["arguments"])
        if calls[0]["name"] == "get_current_population":
            assert arguments["unit"] in ("millions", "thousands"), arguments
        whole = client.chat.completions.create(**request).choices[0].message
        json.loads(whole.tool_calls[0].function.arguments)
    request["messages"] += [whole.to_dict(), {"role": "tool", "tool_call_id": whole.tool_calls[0].id, "content": "144"}]
    assert client.chat.completions.create(**request | {"tool_choice": "none"}).choices[0].message.content
    reply = client.chat.completions.create(**card("function_calling_2") | {"tool_choice": "none", "max_tokens": 30})
    assert not reply.choices[0].message.tool_calls


def errors():
    request = card("visual_reasoning")
    request["messages"][1]["content"][1]["image_url"]["url"] = "https://example.org/battle.png"
    for wrong, word in (
        (request, "--allow-remote-images"),
        (card("instruction_following") | {"temperature": -1}, "temperature"),
        (card("instruction_following") | {"messages": [{"role": "user", "content": "word " * 40_000}]}, "context length"),
    ):
        try:
            client.chat.completions.create(**wrong)
            raise AssertionError(f"taken: {word}")
        except openai.BadRequestError as error:
            assert word in error.message, error
            assert ("context" in word) == (error.code == "context_length_exceeded"), error


def formats():
    schema = {"type": "object", "properties": {"colour": {"enum": ["red", "blue"]}}, "required": ["colour"], "additionalProperties": False}
    request = card("visual_reasoning") | {"max_tokens": 200, "logprobs": True, "top_logprobs": 2, "n": 2, "seed": 1}
    request["response_format"] = {"type": "json_schema", "json_schema": {"name": "c", "schema": schema}}
    reply = client.chat.completions.create(**request)
    assert len(reply.choices) == 2 and len(reply.choices[0].logprobs.content[0].top_logprobs) == 2
    assert json.loads(reply.choices[0].message.content)["colour"] in ("red", "blue")


def completions():
    reply = client.completions.create(model=MODEL, prompt="The picture shows", max_tokens=8, echo=True)
    assert reply.choices[0].text.startswith("The picture shows"), reply
    pieces = list(client.completions.create(model=MODEL, prompt=["a", "b"], max_tokens=4, logprobs=2, stream=True))
    assert {choice.index for piece in pieces for choice in piece.choices} == {0, 1}


def responses():
    tool = {"type": "function", "name": "look_up", "parameters": {"type": "object", "properties": {"city": {"enum": ["Rome"]}}, "required": ["city"], "additionalProperties": False}, "strict": True}
    shown = {"role": "user", "content": [
        {"type": "input_text", "text": "What is in the picture?"},
        {"type": "input_image", "image_url": "data:image/png;base64," + picture("assets/samples/shapes.png")}]}
    reply = client.responses.create(model=MODEL, instructions="Be brief.", input=[shown], max_output_tokens=60)
    assert reply.output_text and reply.status in ("completed", "incomplete"), reply
    with client.responses.stream(model=MODEL, input="Where?", tools=[tool], tool_choice="required", parallel_tool_calls=False, max_output_tokens=200) as stream:
        kinds = [event.type for event in stream]
        call = stream.get_final_response().output[0]
    assert kinds[0] == "response.created" and kinds[-1] == "response.completed", kinds
    assert json.loads(call.arguments) == {"city": "Rome"}, call
    history = ["user", call.to_dict(), {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}]
    history[0] = {"role": "user", "content": "Where?"}
    text = "".join(event.delta for event in client.responses.create(model=MODEL, input=history, max_output_tokens=30, stream=True)
                   if event.type == "response.output_text.delta")
    assert text
    kept = client.responses.create(model=MODEL, input="Hello.", store=True, max_output_tokens=8)
    again = client.responses.create(model=MODEL, input="And then?", previous_response_id=kept.id, max_output_tokens=8)
    assert again.output_text and client.responses.retrieve(kept.id).output_text == kept.output_text
    client.responses.delete(kept.id)
    try:
        client.responses.retrieve(kept.id)
        raise AssertionError("a response that was deleted is there")
    except openai.NotFoundError:
        pass


def messages():
    shown = {"role": "user", "content": [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": picture("assets/samples/shapes.png")}},
        {"type": "text", "text": "What is in the picture?"}]}
    tool = {"name": "look_up", "input_schema": {"type": "object", "properties": {"city": {"enum": ["Rome"]}}, "required": ["city"], "additionalProperties": False}}
    count = claude.messages.count_tokens(model=MODEL, system="Be brief.", messages=[shown]).input_tokens
    reply = claude.messages.create(model=MODEL, max_tokens=60, system="Be brief.", messages=[shown])
    usage = reply.usage
    assert reply.content[0].text and usage.input_tokens + usage.cache_read_input_tokens == count, (reply, count)
    with claude.messages.stream(model=MODEL, max_tokens=60, messages=[shown]) as stream:
        text = "".join(stream.text_stream)
        assert stream.get_final_message().content[0].text == text
    ask = {"role": "user", "content": "Where?"}
    with claude.messages.stream(model=MODEL, max_tokens=200, messages=[ask], tools=[tool], tool_choice={"type": "any", "disable_parallel_tool_use": True}) as stream:
        final = stream.get_final_message()
    assert final.stop_reason == "tool_use" and final.content[-1].input == {"city": "Rome"}, final
    result = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": final.content[-1].id, "content": "sunny"}]}
    again = claude.messages.create(model=MODEL, max_tokens=30, tools=[tool], tool_choice={"type": "none"}, stop_sequences=["zzz"],
                                   messages=[ask, {"role": "assistant", "content": final.content}, result])
    assert again.content and again.stop_reason in ("end_turn", "max_tokens"), again
    try:
        claude.messages.create(model=MODEL, max_tokens=5, messages=[{"role": "user", "content": "word " * 40_000}])
        raise AssertionError("a long conversation was taken")
    except anthropic.BadRequestError as error:
        assert "prompt is too long" in str(error), error


def models():
    mine = claude.models.list().data
    assert [model.id for model in mine] == [MODEL] and mine[0].type == "model" and mine[0].created_at.year >= 2024, mine
    assert claude.models.retrieve(MODEL).display_name == MODEL
    try:
        claude.models.retrieve("nobody")
        raise AssertionError("a model that is not there was described")
    except anthropic.NotFoundError as error:
        assert error.body["error"]["type"] == "not_found_error", error.body


def scores():
    """The log-probabilities of a prompt, as evaluation harnesses ask for them."""
    said = client.completions.create(model=MODEL, prompt="The circle", max_tokens=6, temperature=0, logprobs=1)
    whole = client.completions.create(model=MODEL, prompt="The circle" + said.choices[0].text, max_tokens=0, temperature=0, logprobs=1, echo=True)
    lines = whole.choices[0].logprobs
    assert whole.choices[0].text.startswith("The circle") and whole.usage.completion_tokens == 0, whole
    assert lines.token_logprobs[0] is None and all(x <= 0 for x in lines.token_logprobs[1:]), lines
    assert len(lines.tokens) == whole.usage.prompt_tokens == len(lines.text_offset) == len(lines.top_logprobs), lines


for check in (card_requests, streams_equal_replies, tools, errors, formats, completions, responses, messages, models, scores):
    began = time.time()
    check()
    print(f"python: {check.__name__.replace('_', ' ')}: {time.time() - began:.1f} s", flush=True)
