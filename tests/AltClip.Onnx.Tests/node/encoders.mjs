// The encoders of an exported model (folder, suffix of the files' names) in onnxruntime-web's WebAssembly. A line of JSON in names an encoder and has its
// inputs, a line out has its outputs; it ends when standard input does.
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import * as ort from "onnxruntime-web";

const [folder, suffix] = process.argv.slice(2);
const encoders = {};
for (const name of ["text_model", "vision_model"]) {
    const path = `${folder}/onnx/${name}${suffix}.onnx`;
    const externalData = existsSync(`${path}_data`) ? [{ path: `${name}${suffix}.onnx_data`, data: `${path}_data` }] : [];
    encoders[name] = await ort.InferenceSession.create(path, { executionProviders: ["wasm"], externalData });
}
console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
    const { encoder, inputs } = JSON.parse(line);
    const feeds = Object.entries(inputs).map(([name, { type, data, shape }]) => [name, new ort.Tensor(type, type === "int64" ? data.map(BigInt) : data, shape)]);
    const results = await encoders[encoder].run(Object.fromEntries(feeds));
    console.log(JSON.stringify(Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, [...data]]))));
}
