import type { Model } from "../graph/index.js";
import { GraphCopier, modelAround, type Scope } from "./copy-graph.js";
import { callFault, functionLookup } from "./function-calls.js";

/**
 * The model with every call of its own functions written out, as runtimes do when they load it: layers within a
 * call are named `call/layer`. The original is left alone; it is the answer when it has no functions, and when
 * its calls cannot be written out (see `callFault`). Weights are not read.
 */
export function inlineFunctions(model: Model): Model {
  if (model.functions.length === 0 || callFault(model) !== null) return model;
  const copier = new GraphCopier(functionLookup(model));
  const scope: Scope = { values: new Map(), attributes: null, path: "" };
  const inlined = modelAround(copier.graph(model.graph, null, scope), model);
  // Where a function is written in another version of a set, runtimes take the model's, too.
  for (const { opsets } of model.functions)
    for (const [domain, version] of opsets)
      if (!inlined.opsets.has(domain)) inlined.opsets.set(domain, version);
  return inlined;
}
