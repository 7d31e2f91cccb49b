// JavaScript clients and frameworks against the scripted engine. Each cell passes when
// the client's own object holds the expected call or answer.
//
//   node cells.mjs URL PICTURE [CLIENT…]    prints a line of JSON for each cell

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { z } from "zod";

const [URL, picturePath, ...wanted] = process.argv.slice(2);
const MODEL = "scripted";
const PICTURE = readFileSync(picturePath).toString("base64");
const DATA_URL = "data:image/png;base64," + PICTURE;
const CALL = '<<CALL weather {"city": "Paris"}>>';
const RESULT = "sunny in Paris";
const SAID = "The tool said: " + RESULT;
const FILL = '<<FILL {"city": "Paris", "degrees": 21}>>';
const WEATHER = { city: "Paris", degrees: 21 };
const LONG = Array.from({ length: 40 }, (_, i) => `word${i}`).join(" ");
const RECALLED = "Before that I said: Hello.";
const City = z.object({ city: z.string() });
const Weather = z.object({ city: z.string(), degrees: z.number().int() });
const weather = ({ city }) => `sunny in ${city}`;
const user = (content) => ({ role: "user", content });

function streamed(pieces, whole) {
  assert.ok(pieces.length > 10, `${pieces.length} pieces`);
  assert.equal(pieces.join(""), LONG);
  assert.equal(whole, LONG);
}

async function openaiChat() {
  const { default: OpenAI } = await import("openai");
  const { zodResponseFormat } = await import("openai/helpers/zod");
  const client = new OpenAI({ baseURL: URL + "/v1", apiKey: "x", maxRetries: 0 });
  const ask = async (messages, more) => (await client.chat.completions.create({ model: MODEL, messages, ...more })).choices[0].message;
  return {
    async tools() {
      const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
      const runner = client.chat.completions.runTools({ model: MODEL, messages: [user(CALL)],
        tools: [{ type: "function", function: { name: "weather", parameters, parse: JSON.parse, function: weather } }] });
      assert.equal(await runner.finalContent(), SAID);
      assert.equal(await runner.finalFunctionToolCallResult(), RESULT);
    },
    async stream() {
      const stream = client.chat.completions.stream({ model: MODEL, messages: [user(`<<SAY ${LONG}>>`)] });
      const pieces = [];
      stream.on("content", (delta) => pieces.push(delta));
      streamed(pieces, await stream.finalContent());
    },
    async picture() {
      const message = await ask([user([{ type: "text", text: "<<LOOK>>" }, { type: "image_url", image_url: { url: DATA_URL } }])]);
      assert.match(message.content, /I see a png of/);
    },
    async structured() {
      const reply = await client.chat.completions.parse({ model: MODEL, messages: [user(FILL)], response_format: zodResponseFormat(Weather, "weather") });
      assert.deepEqual(reply.choices[0].message.parsed, WEATHER);
    },
    async second() {
      const first = await ask([user("<<SAY Hello.>>")]);
      assert.equal((await ask([user("<<SAY Hello.>>"), first, user("<<RECALL>>")])).content, RECALLED);
    },
  };
}

// The AI SDK, by provider.
async function aiSDK(make) {
  const { generateText, streamText, tool, stepCountIs, Output } = await import("ai");
  const model = await make();
  const ask = (what) => generateText({ model, maxRetries: 0, ...what });
  return {
    async tools() {
      const done = await ask({ prompt: CALL, tools: { weather: tool({ description: "The weather.", inputSchema: City, execute: weather }) }, stopWhen: stepCountIs(3) });
      assert.equal(done.text, SAID);
      assert.deepEqual(done.steps[0].toolCalls[0].input, { city: "Paris" });
      assert.equal(done.steps[0].toolResults[0].output, RESULT);
    },
    async stream() {
      const result = streamText({ model, maxRetries: 0, prompt: `<<SAY ${LONG}>>`, onError() {} });
      const pieces = [];
      for await (const piece of result.textStream) pieces.push(piece);
      streamed(pieces, await result.text);
    },
    async picture() {
      const done = await ask({ messages: [user([{ type: "text", text: "<<LOOK>>" }, { type: "image", image: PICTURE, mediaType: "image/png" }])] });
      assert.match(done.text, /I see a png of/);
    },
    async structured() {
      assert.deepEqual((await ask({ prompt: FILL, output: Output.object({ schema: Weather }) })).output, WEATHER);
    },
    async second() {
      const first = await ask({ prompt: "<<SAY Hello.>>" });
      assert.equal((await ask({ messages: [user("<<SAY Hello.>>"), ...first.response.messages, user("<<RECALL>>")] })).text, RECALLED);
    },
  };
}

async function agents(kind) {
  const { Agent, Runner, tool, OpenAIProvider, setTracingDisabled } = await import("@openai/agents");
  setTracingDisabled(true);
  const provider = new OpenAIProvider({ baseURL: URL + "/v1", apiKey: "x", useResponses: kind === "responses" });
  const runner = new Runner({ modelProvider: provider, tracingDisabled: true });
  const agent = (more) => new Agent({ name: "A", instructions: "Be brief.", model: MODEL, ...more });
  return {
    async tools() {
      const done = await runner.run(agent({ tools: [tool({ name: "weather", description: "The weather.", parameters: City, execute: weather })] }), CALL);
      assert.equal(done.finalOutput, SAID);
    },
    async stream() {
      const result = await runner.run(agent(), `<<SAY ${LONG}>>`, { stream: true });
      const pieces = [];
      for await (const piece of result.toTextStream()) pieces.push(String(piece));
      await result.completed;
      streamed(pieces, result.finalOutput);
    },
    async picture() {
      const done = await runner.run(agent(), [user([{ type: "input_text", text: "<<LOOK>>" }, { type: "input_image", image: DATA_URL }])]);
      assert.match(done.finalOutput, /I see a png of/);
    },
    async structured() {
      assert.deepEqual((await runner.run(agent({ outputType: Weather }), FILL)).finalOutput, WEATHER);
    },
    async second() {
      const first = await runner.run(agent(), "<<SAY Hello.>>");
      assert.equal((await runner.run(agent(), [...first.history, user("<<RECALL>>")])).finalOutput, RECALLED);
    },
  };
}

async function langchain(kind) {
  const { HumanMessage, ToolMessage } = await import("@langchain/core/messages");
  const { tool } = await import("@langchain/core/tools");
  let model;
  if (kind === "anthropic") {
    const { ChatAnthropic } = await import("@langchain/anthropic");
    model = new ChatAnthropic({ model: MODEL, anthropicApiUrl: URL, apiKey: "x", maxRetries: 0, maxTokens: 300 });
  } else {
    const { ChatOpenAI } = await import("@langchain/openai");
    model = new ChatOpenAI({ model: MODEL, apiKey: "x", maxRetries: 0, useResponsesApi: kind === "responses", configuration: { baseURL: URL + "/v1" } });
  }
  return {
    async tools() {
      const bound = model.bindTools([tool(weather, { name: "weather", description: "The weather.", schema: City })]);
      const first = await bound.invoke([new HumanMessage(CALL)]);
      const call = first.tool_calls[0];
      assert.deepEqual([call.name, call.args], ["weather", { city: "Paris" }]);
      const answer = await bound.invoke([new HumanMessage(CALL), first, new ToolMessage({ content: weather(call.args), tool_call_id: call.id })]);
      assert.equal(answer.text, SAID);
    },
    async stream() {
      const pieces = [];
      for await (const chunk of await model.stream(`<<SAY ${LONG}>>`)) if (chunk.text) pieces.push(chunk.text);
      streamed(pieces, pieces.join(""));
    },
    async picture() {
      const shown = new HumanMessage({ content: [{ type: "text", text: "<<LOOK>>" }, { type: "image_url", image_url: { url: DATA_URL } }] });
      assert.match((await model.invoke([shown])).text, /I see a png of/);
    },
    async structured() {
      assert.deepEqual(await model.withStructuredOutput(Weather).invoke(FILL), WEATHER);
    },
    async second() {
      const first = await model.invoke([new HumanMessage("<<SAY Hello.>>")]);
      assert.equal((await model.invoke([new HumanMessage("<<SAY Hello.>>"), first, new HumanMessage("<<RECALL>>")])).text, RECALLED);
    },
  };
}

const settings = { baseURL: URL + "/v1", apiKey: "x" };
const clients = {
  "openai (JavaScript)": openaiChat,
  "AI SDK, openai (responses)": () => aiSDK(async () => (await import("@ai-sdk/openai")).createOpenAI(settings)(MODEL)),
  "AI SDK, openai (chat)": () => aiSDK(async () => (await import("@ai-sdk/openai")).createOpenAI(settings).chat(MODEL)),
  "AI SDK, openai-compatible": () => aiSDK(async () => (await import("@ai-sdk/openai-compatible")).createOpenAICompatible({ ...settings, name: "s", supportsStructuredOutputs: true })(MODEL)),
  "AI SDK, anthropic": () => aiSDK(async () => (await import("@ai-sdk/anthropic")).createAnthropic(settings)(MODEL)),
  "AI SDK, mistral": () => aiSDK(async () => (await import("@ai-sdk/mistral")).createMistral(settings)(MODEL)),
  "OpenAI Agents (JavaScript), chat": () => agents("chat"),
  "OpenAI Agents (JavaScript), responses": () => agents("responses"),
  "LangChain (JavaScript), chat": () => langchain("chat"),
  "LangChain (JavaScript), responses": () => langchain("responses"),
  "LangChain (JavaScript), Anthropic": () => langchain("anthropic"),
};

for (const name of wanted.length ? wanted : Object.keys(clients)) {
  const cells = await clients[name]();
  for (const cell of ["tools", "stream", "picture", "structured", "second"]) {
    let result = "yes";
    try {
      await cells[cell]();
    } catch (error) {
      result = `${error.name}: ${error.message} ${error.responseBody ?? ""}`.trim();
    }
    console.log(JSON.stringify({ client: name, cell: cell === "second" ? "second turn" : cell, result }));
  }
}
process.exit(0);
