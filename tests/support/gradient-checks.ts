import { activationCases } from "../../src/autodiff/rules/activation.cases.js";
import { arithmeticCases } from "../../src/autodiff/rules/arithmetic.cases.js";
import { convCases } from "../../src/autodiff/rules/conv.cases.js";
import { convTransposeCases } from "../../src/autodiff/rules/conv-transpose.cases.js";
import { elementaryCases } from "../../src/autodiff/rules/elementary.cases.js";
import { gatherCases } from "../../src/autodiff/rules/gather.cases.js";
import { matMulCases } from "../../src/autodiff/rules/matmul.cases.js";
import { movementCases } from "../../src/autodiff/rules/movement.cases.js";
import { normCases } from "../../src/autodiff/rules/norm.cases.js";
import { padCases } from "../../src/autodiff/rules/pad.cases.js";
import { passCases } from "../../src/autodiff/rules/pass.cases.js";
import { poolCases } from "../../src/autodiff/rules/pool.cases.js";
import { reduceCases } from "../../src/autodiff/rules/reduce.cases.js";
import { resizeCases } from "../../src/autodiff/rules/resize.cases.js";
import { sliceCases } from "../../src/autodiff/rules/slice.cases.js";
import { softmaxCases } from "../../src/autodiff/rules/softmax.cases.js";
import type { GradientCheck } from "./gradient-check.js";

/** Every gradient rule against central differences, wherever ONNX Runtime runs. */
export const gradientChecks: readonly GradientCheck[] = [
  ...activationCases,
  ...arithmeticCases,
  ...convCases,
  ...convTransposeCases,
  ...elementaryCases,
  ...gatherCases,
  ...matMulCases,
  ...movementCases,
  ...normCases,
  ...padCases,
  ...passCases,
  ...poolCases,
  ...reduceCases,
  ...resizeCases,
  ...sliceCases,
  ...softmaxCases,
];
