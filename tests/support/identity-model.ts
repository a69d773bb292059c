import { type Model, parseModel } from "../../src/graph/index.js";
import { tensor } from "../../src/tensor/index.js";
import { range } from "../../src/util/math.js";

/** `y = 1x1 convolution of x` by the identity: the channels of the data themselves. */
export function identityModel(channels: number): Model {
  const model = parseModel(`
    m (float[N, ${channels}, H, W] x) => (float[N, ${channels}, H, W] y)
    <float[${channels}, ${channels}, 1, 1] w> { [conv] y = Conv(x, w) }`);
  const eye = new Float32Array(channels ** 2);
  for (const i of range(channels)) eye[i * (channels + 1)] = 1;
  model.graph.find("w")!.initializer = tensor(eye, [channels, channels, 1, 1]);
  return model;
}
