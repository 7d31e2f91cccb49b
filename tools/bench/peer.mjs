// llama.cpp's speed, by node-llama-cpp on its Vulkan library: one JSON object on stdout.
//   node peer.mjs FILE.gguf PROMPTS DEPTHS GENERATE     (PROMPTS and DEPTHS: 128,512)
// llama.cpp uses a software device only where GGML_VK_VISIBLE_DEVICES names it, and computes on the processor without a word
// otherwise; so the devices it found are part of the answer, and none is an error.
import {getLlama} from "node-llama-cpp";

const [file, promptList, depthList, generateText] = process.argv.slice(2);
const numbers = (text) => text.split(",").map(Number);
const generate = Number(generateText);
// Seconds by the clock, and those in which a processor worked for this process.
const timed = async (work) => {
    const begin = process.hrtime.bigint(), used = process.cpuUsage();
    await work();
    const {user, system} = process.cpuUsage(used);
    return {clock: Number(process.hrtime.bigint() - begin) / 1e9, cpu: (user + system) / 1e6};
};
const ids = (n) => Array.from({length: n}, (_, i) => 1256 + (i * 7) % 20000);

const llama = await getLlama({gpu: "vulkan", build: "never", skipDownload: true, logLevel: "error"});
const devices = await llama.getGpuDeviceNames();
if (devices.length === 0) throw new Error("llama.cpp found no Vulkan device");

let model;
const load = await timed(async () => { model = await llama.loadModel({modelPath: file, gpuLayers: "max"}); });
const longest = Math.max(...numbers(depthList)) + Math.max(...numbers(promptList), generate) + 64;
const context = await model.createContext({contextSize: longest, batchSize: 512});
const sequence = context.getSequence();
const result = {engine: "llama.cpp", release: llama.llamaCppRelease.release, devices, layers_on_device: model.gpuLayers, load, prefill: {}, decode: {}};

const read = (n) => sequence.evaluateWithoutGeneratingNewTokens(ids(n));
const write = async (n) => {
    for await (const _ of sequence.evaluate([1300], {temperature: 0, yieldEogTokens: true})) if (--n === 0) break;
};
await read(12); // the kernels are compiled
await write(2);
for (const n of numbers(promptList)) {
    await sequence.clearHistory();
    result.prefill[n] = {tokens: n, ...await timed(() => read(n))};
}
for (const depth of numbers(depthList)) {
    await sequence.clearHistory();
    if (depth > 0) await read(depth);
    result.decode[depth] = {tokens: generate, ...await timed(() => write(generate))};
}
console.log(JSON.stringify(result));
process.exit(0);
