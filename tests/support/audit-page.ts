import { audit, readModel } from "../../src/index.js";

/** Audits the model at /model.onnx in the page it runs in. */
const blob = await (await fetch("/model.onnx")).blob();
const result = await audit(await readModel(blob), { task: "detection", name: "model.onnx" });
Object.assign(window, { result });
