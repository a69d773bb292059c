import type { Model } from "../graph/index.js";
import { modelFromProto } from "./from-proto.js";
import { modelToProto } from "./to-proto.js";

/** A model of its own with the same content, to be changed freely. Weights are shared, and not read. */
export function copyModel(model: Model): Model {
  return modelFromProto(modelToProto(model));
}
