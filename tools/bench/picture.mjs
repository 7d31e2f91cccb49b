// llama.cpp from a picture to the first word, by @fugood/llama.node on its Vulkan library: one JSON object on stdout.
//   node picture.mjs FILE.gguf VISION.gguf PICTURE.png…     (the first compiles the kernels, the others are timed)
// As in peer.mjs the devices are part of the answer, and none but the processor is an error.
import {loadModel, getBackendDevicesInfo} from "@fugood/llama.node";

const [file, vision, ...pictures] = process.argv.slice(2);
const devices = (await getBackendDevicesInfo("vulkan")).filter((d) => d.type === "gpu").map((d) => `${d.backend} ${d.deviceName}`);
if (devices.length === 0) throw new Error("llama.cpp found no Vulkan device");
const model = await loadModel({model: file, lib_variant: "vulkan", n_gpu_layers: 99, n_ctx: 1024, n_batch: 512, n_parallel: 1});
if (!(await model.initMultimodal({path: vision, use_gpu: true}))) throw new Error("llama.cpp does not take the vision file");

const result = {engine: "llama.cpp", devices, picture: []};
for (const [i, picture] of pictures.entries()) {
    await model.clearCache();
    const begin = process.hrtime.bigint(), used = process.cpuUsage();
    await model.completion({prompt: "<__media__> What is it?", media_paths: [picture], n_predict: 1, temperature: 0});
    const {user, system} = process.cpuUsage(used);
    if (i > 0) result.picture.push({clock: Number(process.hrtime.bigint() - begin) / 1e9, cpu: (user + system) / 1e6});
}
console.log(JSON.stringify(result));
process.exit(0);
