/** Runs in a tab: exams by onnxruntime-web. */

import { readModel } from "../../src/index.js";
import { examineModel, smallNet } from "./exam-networks.js";

Object.assign(window, {
  examineSmall: () => examineModel(smallNet()),
  examineClassifier: async () => {
    const response = await fetch("/classifier.onnx");
    return examineModel(await readModel(new Uint8Array(await response.arrayBuffer())), "first");
  },
});
