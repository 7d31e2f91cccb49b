// The requests of the model card, and streams with tools, through OpenAI's official
// JavaScript client. The miniature's words are a toy's; what is checked is that the
// client understands every reply.
//
//     node check.mjs http://127.0.0.1:8080 REPOSITORY

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import OpenAI from "openai";

const [url, root] = process.argv.slice(2);
const client = new OpenAI({ baseURL: url + "/v1", apiKey: "EMPTY", maxRetries: 0 });
const model = (await client.models.list()).data[0].id;
const picture = (path) => "data:image/png;base64," + readFileSync(join(root, path)).toString("base64");

function systemPrompt() {
  const day = (back) => new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10);
  return readFileSync(join(root, "assets/prompts/system_prompt.txt"), "utf8")
    .replaceAll("{name}", model).replaceAll("{today}", day(0)).replaceAll("{yesterday}", day(1));
}

// card is a request of the card with what it leaves open filled in.
function card(name) {
  const request = JSON.parse(readFileSync(join(root, `tools/clients/requests/${name}.json`)));
  request.model = model;
  for (const message of request.messages) {
    if (message.content === "<system prompt>") message.content = systemPrompt();
    for (const part of Array.isArray(message.content) ? message.content : [])
      if (part.type === "image_url") part.image_url.url = picture(part.image_url.url.slice(1, -1));
  }
  return request;
}

async function cardRequests() {
  for (const name of ["visual_reasoning", "function_calling_1", "function_calling_2", "instruction_following"]) {
    const reply = await client.chat.completions.create(card(name));
    const { message, finish_reason } = reply.choices[0];
    assert(message.content || message.tool_calls?.length, name);
    assert(["stop", "length", "tool_calls"].includes(finish_reason), finish_reason);
    let pieces = 0;
    for await (const piece of await client.chat.completions.create({ ...card(name), stream: true })) pieces += piece.choices.length;
    assert(pieces > 2, name);
  }
}

async function toolStreams() {
  const request = { ...card("function_calling_2"), tool_choice: "required", max_tokens: 400 };
  const calls = [];
  let reason;
  for await (const piece of await client.chat.completions.create({ ...request, stream: true })) {
    const { delta, finish_reason } = piece.choices[0];
    reason = finish_reason ?? reason;
    for (const { index, id, function: f } of delta.tool_calls ?? []) {
      const whole = (calls[index] ??= { id: "", name: "", arguments: "" });
      whole.id += id ?? "";
      whole.name += f?.name ?? "";
      whole.arguments += f?.arguments ?? "";
    }
  }
  assert.equal(reason, "tool_calls");
  assert.equal(calls[0].id.length, 9);
  JSON.parse(calls[0].arguments);
}

// The client's own loop: it calls the function and sends the result back.
async function toolLoop() {
  let called = 0;
  const runner = client.chat.completions.runTools({
    model, max_tokens: 100, tool_choice: { type: "function", function: { name: "look_up" } },
    messages: [{ role: "user", content: "Where is it sunny?" }],
    tools: [{ type: "function", function: {
      name: "look_up", parse: JSON.parse, function: ({ city }) => { called++; return `sunny in ${city}`; },
      parameters: { type: "object", properties: { city: { enum: ["Rome"] } }, required: ["city"], additionalProperties: false } } }],
  }, { maxChatCompletions: 1 });
  await runner.done();
  assert.equal(called, 1);
}

async function responses() {
  const tool = { type: "function", name: "look_up", strict: true,
    parameters: { type: "object", properties: { city: { enum: ["Rome"] } }, required: ["city"], additionalProperties: false } };
  const kinds = [];
  let final;
  for await (const event of await client.responses.create({ model, input: "Where?", tools: [tool], tool_choice: "required", parallel_tool_calls: false, max_output_tokens: 200, stream: true })) {
    kinds.push(event.type);
    final = event.response ?? final;
  }
  assert.equal(kinds[0], "response.created");
  assert.equal(kinds.at(-1), "response.completed");
  assert.deepEqual(JSON.parse(final.output[0].arguments), { city: "Rome" });
  const shown = [{ role: "user", content: [
    { type: "input_text", text: "What is in the picture?" }, { type: "input_image", image_url: picture("assets/samples/shapes.png"), detail: "auto" }] }];
  assert((await client.responses.create({ model, input: shown, max_output_tokens: 60 })).output_text);
}

async function errors() {
  const request = card("visual_reasoning");
  request.messages[1].content[1].image_url.url = "https://example.org/battle.png";
  await assert.rejects(client.chat.completions.create(request), /--allow-remote-images/);
  await assert.rejects(client.responses.create({ model, input: "x", previous_response_id: "resp_1" }), /not remembered/);
}

for (const check of [cardRequests, toolStreams, toolLoop, responses, errors]) {
  const began = Date.now();
  await check();
  console.log(`javascript: ${check.name}: ${((Date.now() - began) / 1000).toFixed(1)} s`);
}
