"""Python clients and frameworks against the scripted engine. Each cell passes when the
client's own object holds the expected call or answer.

    cells.py URL PART    prints a line of JSON for each cell: client, cell, result

PART is python, pydantic-ai or instructor: they are installed apart from each other.
"""

import asyncio
import base64
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).parent.parent.parent
URL = sys.argv[1]
MODEL = "scripted"
PICTURE = base64.b64encode((ROOT / "assets/samples/shapes.png").read_bytes()).decode()
DATA_URL = "data:image/png;base64," + PICTURE
CALL = '<<CALL weather {"city": "Paris"}>>'
RESULT = "sunny in Paris"
FILL = '<<FILL {"city": "Paris", "degrees": 21}>>'
SEES = "I see a png of "
LONG = " ".join(f"word{i}" for i in range(40))
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}


def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


LOOP = asyncio.new_event_loop()  # for all: clients keep their connections open
asyncio.set_event_loop(LOOP)


def expect(got, want):
    assert want in str(got), f"{want!r} is not in {got!r}"


def same(got, want):
    assert got == want, f"got {got!r}, not {want!r}"


def openai_chat():
    import openai
    client = openai.OpenAI(base_url=URL + "/v1", api_key="x", max_retries=0)
    tool = {"type": "function", "function": {"name": "weather", "parameters": PARAMETERS}}
    ask = lambda text, **more: client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": text}], **more)

    def tools():
        message = ask(CALL, tools=[tool]).choices[0].message
        call = message.tool_calls[0]
        same((call.function.name, json.loads(call.function.arguments)), ("weather", {"city": "Paris"}))
        answer = client.chat.completions.create(model=MODEL, tools=[tool], messages=[
            {"role": "user", "content": CALL}, message, {"role": "tool", "tool_call_id": call.id, "content": weather("Paris")}])
        same(answer.choices[0].message.content, "The tool said: " + RESULT)

    def stream():
        with client.chat.completions.stream(model=MODEL, messages=[{"role": "user", "content": f"<<SAY {LONG}>>"}]) as events:
            pieces = [e.delta for e in events if e.type == "content.delta"]
            same(events.get_final_completion().choices[0].message.content, LONG)
        assert len(pieces) > 10 and "".join(pieces) == LONG

    def picture():
        expect(ask([{"type": "text", "text": "<<LOOK>>"}, {"type": "image_url", "image_url": {"url": DATA_URL}}]).choices[0].message.content, SEES)

    def structured():
        from pydantic import BaseModel
        class Weather(BaseModel):
            city: str
            degrees: int
        parsed = client.chat.completions.parse(model=MODEL, messages=[{"role": "user", "content": FILL}], response_format=Weather)
        same(parsed.choices[0].message.parsed, Weather(city="Paris", degrees=21))

    def second():
        first = ask("<<SAY Hello.>>").choices[0].message
        answer = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "<<SAY Hello.>>"}, first, {"role": "user", "content": "<<RECALL>>"}])
        same(answer.choices[0].message.content, "Before that I said: Hello.")
    return tools, stream, picture, structured, second


def openai_responses():
    import openai
    client = openai.OpenAI(base_url=URL + "/v1", api_key="x", max_retries=0)
    tool = {"type": "function", "name": "weather", "parameters": PARAMETERS, "strict": True}

    def tools():
        first = client.responses.create(model=MODEL, input=CALL, tools=[tool])
        call = first.output[0]
        same((call.type, call.name, json.loads(call.arguments)), ("function_call", "weather", {"city": "Paris"}))
        result = {"type": "function_call_output", "call_id": call.call_id, "output": weather("Paris")}
        answer = client.responses.create(model=MODEL, tools=[tool], input=[{"role": "user", "content": CALL}, call, result])
        same(answer.output_text, "The tool said: " + RESULT)

    def stream():
        with client.responses.stream(model=MODEL, input=f"<<SAY {LONG}>>") as events:
            pieces = [e.delta for e in events if e.type == "response.output_text.delta"]
            same(events.get_final_response().output_text, LONG)
        assert len(pieces) > 10 and "".join(pieces) == LONG

    def picture():
        shown = [{"role": "user", "content": [{"type": "input_text", "text": "<<LOOK>>"}, {"type": "input_image", "image_url": DATA_URL}]}]
        expect(client.responses.create(model=MODEL, input=shown).output_text, SEES)

    def structured():
        from pydantic import BaseModel
        class Weather(BaseModel):
            city: str
            degrees: int
        same(client.responses.parse(model=MODEL, input=FILL, text_format=Weather).output_parsed, Weather(city="Paris", degrees=21))

    def second():
        first = client.responses.create(model=MODEL, input="<<SAY Hello.>>", store=True)
        answer = client.responses.create(model=MODEL, input="<<RECALL>>", previous_response_id=first.id)
        same(answer.output_text, "Before that I said: Hello.")
    return tools, stream, picture, structured, second


def anthropic_messages():
    import anthropic
    client = anthropic.Anthropic(base_url=URL, api_key="x", max_retries=0)
    tool = {"name": "weather", "input_schema": PARAMETERS}
    ask = lambda content, **more: client.messages.create(model=MODEL, max_tokens=300, messages=[{"role": "user", "content": content}], **more)

    def tools():
        first = ask(CALL, tools=[tool])
        call = first.content[-1]
        same((first.stop_reason, call.name, call.input), ("tool_use", "weather", {"city": "Paris"}))
        answer = client.messages.create(model=MODEL, max_tokens=300, tools=[tool], messages=[
            {"role": "user", "content": CALL}, {"role": "assistant", "content": first.content},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": weather("Paris")}]}])
        same(answer.content[0].text, "The tool said: " + RESULT)

    def stream():
        with client.messages.stream(model=MODEL, max_tokens=300, messages=[{"role": "user", "content": f"<<SAY {LONG}>>"}]) as events:
            pieces = list(events.text_stream)
            same(events.get_final_message().content[0].text, LONG)
        assert len(pieces) > 10 and "".join(pieces) == LONG

    def picture():
        source = {"type": "base64", "media_type": "image/png", "data": PICTURE}
        expect(ask([{"type": "image", "source": source}, {"type": "text", "text": "<<LOOK>>"}]).content[0].text, SEES)

    def structured():
        from pydantic import BaseModel
        class Weather(BaseModel):
            city: str
            degrees: int
        same(client.messages.parse(model=MODEL, max_tokens=300, messages=[{"role": "user", "content": FILL}], output_format=Weather).parsed_output, Weather(city="Paris", degrees=21))

    def second():
        first = ask("<<SAY Hello.>>")
        answer = client.messages.create(model=MODEL, max_tokens=300, messages=[{"role": "user", "content": "<<SAY Hello.>>"},
                                        {"role": "assistant", "content": first.content}, {"role": "user", "content": "<<RECALL>>"}])
        same(answer.content[0].text, "Before that I said: Hello.")
    return tools, stream, picture, structured, second


def agents(kind):
    import agents as a
    import openai
    from pydantic import BaseModel
    a.set_tracing_disabled(True)
    client = openai.AsyncOpenAI(base_url=URL + "/v1", api_key="x", max_retries=0)
    model = (a.OpenAIResponsesModel if kind == "responses" else a.OpenAIChatCompletionsModel)(model=MODEL, openai_client=client)

    class Weather(BaseModel):
        city: str
        degrees: int
    agent = lambda **more: a.Agent(name="A", instructions="Be brief.", model=model, **more)
    run = lambda who, what: LOOP.run_until_complete(a.Runner.run(who, what))

    def tools():
        done = run(agent(tools=[a.function_tool(weather)]), CALL)
        same(done.final_output, "The tool said: " + RESULT)
        same([i.output for i in done.new_items if i.type == "tool_call_output_item"], [RESULT])

    def stream():
        async def go():
            result = a.Runner.run_streamed(agent(), f"<<SAY {LONG}>>")
            pieces = [e.data.delta async for e in result.stream_events() if e.type == "raw_response_event" and e.data.type == "response.output_text.delta"]
            return pieces, result.final_output
        pieces, final = LOOP.run_until_complete(go())
        assert len(pieces) > 10 and "".join(pieces) == LONG == final

    def picture():
        shown = [{"role": "user", "content": [{"type": "input_text", "text": "<<LOOK>>"}, {"type": "input_image", "image_url": DATA_URL, "detail": "auto"}]}]
        expect(run(agent(), shown).final_output, SEES)

    def structured():
        same(run(agent(output_type=Weather), FILL).final_output, Weather(city="Paris", degrees=21))

    def second():
        first = run(agent(), "<<SAY Hello.>>")
        same(run(agent(), first.to_input_list() + [{"role": "user", "content": "<<RECALL>>"}]).final_output, "Before that I said: Hello.")
    return tools, stream, picture, structured, second


def langchain(kind):
    from langchain_core.messages import HumanMessage, ToolMessage
    from langchain_core.tools import tool
    from pydantic import BaseModel

    class Weather(BaseModel):
        """The weather."""
        city: str
        degrees: int
    if kind == "anthropic":
        from langchain_anthropic import ChatAnthropic
        model = ChatAnthropic(model=MODEL, base_url=URL, api_key="x", max_retries=0, max_tokens=300)
    else:
        from langchain_openai import ChatOpenAI
        model = ChatOpenAI(model=MODEL, base_url=URL + "/v1", api_key="x", max_retries=0, use_responses_api=kind == "responses")
    text = lambda message: message.text if isinstance(message.text, str) else message.text()

    def tools():
        bound = model.bind_tools([tool(weather)])
        first = bound.invoke([HumanMessage(CALL)])
        call = first.tool_calls[0]
        same((call["name"], call["args"]), ("weather", {"city": "Paris"}))
        same(text(bound.invoke([HumanMessage(CALL), first, ToolMessage(weather("Paris"), tool_call_id=call["id"])])), "The tool said: " + RESULT)

    def stream():
        pieces = [text(chunk) for chunk in model.stream(f"<<SAY {LONG}>>")]
        assert len(pieces) > 10 and "".join(pieces) == LONG, pieces

    def picture():
        shown = HumanMessage([{"type": "text", "text": "<<LOOK>>"}, {"type": "image", "base64": PICTURE, "mime_type": "image/png"}])
        expect(text(model.invoke([shown])), SEES)

    def structured():
        same(model.with_structured_output(Weather).invoke(FILL), Weather(city="Paris", degrees=21))

    def second():
        first = model.invoke([HumanMessage("<<SAY Hello.>>")])
        same(text(model.invoke([HumanMessage("<<SAY Hello.>>"), first, HumanMessage("<<RECALL>>")])), "Before that I said: Hello.")
    return tools, stream, picture, structured, second


def litellm():
    import litellm as l
    l.suppress_debug_info = True
    from pydantic import BaseModel

    class Weather(BaseModel):
        city: str
        degrees: int
    tool = {"type": "function", "function": {"name": "weather", "parameters": PARAMETERS}}
    ask = lambda messages, **more: l.completion(model="openai/" + MODEL, api_base=URL + "/v1", api_key="x", num_retries=0, messages=messages, **more)
    user = lambda content: {"role": "user", "content": content}

    def tools():
        first = ask([user(CALL)], tools=[tool]).choices[0].message
        call = first.tool_calls[0]
        same((call.function.name, json.loads(call.function.arguments)), ("weather", {"city": "Paris"}))
        answer = ask([user(CALL), first, {"role": "tool", "tool_call_id": call.id, "content": weather("Paris")}], tools=[tool])
        same(answer.choices[0].message.content, "The tool said: " + RESULT)

    def stream():
        chunks = list(ask([user(f"<<SAY {LONG}>>")], stream=True))
        same(l.stream_chunk_builder(chunks).choices[0].message.content, LONG)
        assert len(chunks) > 10

    def picture():
        expect(ask([user([{"type": "text", "text": "<<LOOK>>"}, {"type": "image_url", "image_url": {"url": DATA_URL}}])]).choices[0].message.content, SEES)

    def structured():
        same(Weather.model_validate_json(ask([user(FILL)], response_format=Weather).choices[0].message.content), Weather(city="Paris", degrees=21))

    def second():
        first = ask([user("<<SAY Hello.>>")]).choices[0].message
        same(ask([user("<<SAY Hello.>>"), first, user("<<RECALL>>")]).choices[0].message.content, "Before that I said: Hello.")
    return tools, stream, picture, structured, second


def pydantic_ai(kind):
    from pydantic import BaseModel
    from pydantic_ai import Agent, BinaryContent
    if kind == "anthropic":
        from anthropic import AsyncAnthropic
        from pydantic_ai.models.anthropic import AnthropicModel
        from pydantic_ai.providers.anthropic import AnthropicProvider
        model = AnthropicModel(MODEL, provider=AnthropicProvider(anthropic_client=AsyncAnthropic(base_url=URL, api_key="x", max_retries=0)))
    else:
        from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
        from pydantic_ai.providers.openai import OpenAIProvider
        provider = OpenAIProvider(base_url=URL + "/v1", api_key="x")
        model = (OpenAIResponsesModel if kind == "responses" else OpenAIChatModel)(MODEL, provider=provider)

    class Weather(BaseModel):
        city: str
        degrees: int
    run = lambda agent, what, **more: LOOP.run_until_complete(agent.run(what, **more))

    def tools():
        agent = Agent(model)
        agent.tool_plain(weather)
        done = run(agent, CALL)
        same(done.output, "The tool said: " + RESULT)
        results = [p.content for m in done.all_messages() for p in m.parts if p.part_kind == "tool-return"]
        same(results, [RESULT])

    def stream():
        async def go():
            async with Agent(model).run_stream(f"<<SAY {LONG}>>") as result:
                return [piece async for piece in result.stream_text(delta=True, debounce_by=None)]
        pieces = LOOP.run_until_complete(go())
        assert len(pieces) > 10 and "".join(pieces) == LONG, pieces

    def picture():
        expect(run(Agent(model), ["<<LOOK>>", BinaryContent(base64.b64decode(PICTURE), media_type="image/png")]).output, SEES)

    def structured():
        same(run(Agent(model, output_type=Weather), FILL).output, Weather(city="Paris", degrees=21))

    def second():
        agent = Agent(model)
        first = run(agent, "<<SAY Hello.>>")
        same(run(agent, "<<RECALL>>", message_history=first.all_messages()).output, "Before that I said: Hello.")
    return tools, stream, picture, structured, second


def instructor():
    import instructor as i
    import openai
    from pydantic import BaseModel

    class Weather(BaseModel):
        city: str
        degrees: int
    raw = openai.OpenAI(base_url=URL + "/v1", api_key="x", max_retries=0)
    client = i.from_openai(raw, mode=i.Mode.TOOLS)
    ask = lambda messages, how=client, **more: how.chat.completions.create(model=MODEL, response_model=Weather, max_retries=0, messages=messages, **more)
    user = lambda content: {"role": "user", "content": content}
    want = {"city": "Paris", "degrees": 21}

    def tools():  # it runs none: calls are its answer
        from collections.abc import Iterable
        several = i.from_openai(raw, mode=i.Mode.PARALLEL_TOOLS)
        calls = several.chat.completions.create(model=MODEL, response_model=Iterable[Weather], max_retries=0, messages=[user(FILL + FILL)])
        same([call.model_dump() for call in calls], [want, want])

    def stream():
        parts = list(client.chat.completions.create_partial(model=MODEL, response_model=Weather, max_retries=0, messages=[user(FILL)]))
        assert len(parts) > 3 and parts[-1].model_dump() == want, parts

    def picture():
        shown = [{"type": "text", "text": FILL}, {"type": "image_url", "image_url": {"url": DATA_URL}}]
        same(ask([user(shown)]).model_dump(), want)

    def structured():
        same(ask([user(FILL)], i.from_openai(raw, mode=i.Mode.JSON_SCHEMA)).model_dump(), want)

    def second():
        same(ask([user("Hello."), {"role": "assistant", "content": "Hello."}, user(FILL)]).model_dump(), want)
    return tools, stream, picture, structured, second


CLIENTS = {
    "openai (Python), chat": openai_chat,
    "openai (Python), responses": openai_responses,
    "anthropic (Python)": anthropic_messages,
    "OpenAI Agents (Python), chat": lambda: agents("chat"),
    "OpenAI Agents (Python), responses": lambda: agents("responses"),
    "LangChain (Python), chat": lambda: langchain("chat"),
    "LangChain (Python), responses": lambda: langchain("responses"),
    "LangChain (Python), Anthropic": lambda: langchain("anthropic"),
    "LiteLLM": litellm,
    "pydantic-ai, chat": lambda: pydantic_ai("chat"),
    "pydantic-ai, responses": lambda: pydantic_ai("responses"),
    "pydantic-ai, Anthropic": lambda: pydantic_ai("anthropic"),
    "instructor": instructor,
}

part = sys.argv[2]
apart = ("pydantic-ai", "instructor")
for name in CLIENTS:
    if not (name.startswith(part) if part in apart else not name.startswith(apart)):
        continue
    for cell, check in zip(("tools", "stream", "picture", "structured", "second turn"), CLIENTS[name]()):
        try:
            check()
            result = "yes"
        except Exception as error:
            result = f"{type(error).__name__}: {error}"
        print(json.dumps({"client": name, "cell": cell, "result": result}), flush=True)
