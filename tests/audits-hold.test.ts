import fc from "fast-check";
import { expect, it } from "vitest";
import { audit, PRESETS } from "../src/audits/index.js";
import { parseModel } from "../src/graph/index.js";
import { groupsProblem, TARGET_IDS, TASKS } from "../src/groups/index.js";

interface Layer {
  op: "Conv" | "ConvTranspose";
  outChannels: number;
  groups: number;
  kernel: number;
  /** How many more channels than it gets the weight is made for, in each group. */
  error: number;
  next: "nothing" | "relu" | "pool" | "shuffle";
}

const layers = fc.array(
  fc.record<Layer>({
    op: fc.constantFrom("Conv", "Conv", "Conv", "ConvTranspose"),
    outChannels: fc.constantFrom(6, 8, 12, 16, 24),
    groups: fc.constantFrom(1, 2, 3, 4, 8, 16, 24, 0, -1),
    kernel: fc.constantFrom(1, 3),
    error: fc.constantFrom(0, 0, 0, 0, 1),
    next: fc.constantFrom("nothing", "relu", "pool", "shuffle"),
  }),
  { minLength: 1, maxLength: 6 },
);

it("audits of any chain of layers, sound or broken, neither crash nor suggest what cannot be", async () => {
  await fc.assert(
    fc.asyncProperty(
      layers,
      fc.constantFrom("map", "vector"),
      fc.constantFrom(...PRESETS),
      fc.option(fc.constantFrom(...TASKS), { nil: undefined }),
      fc.option(fc.constantFrom(...TARGET_IDS), { nil: undefined }),
      async (chain, end, preset, task, target) => {
        const model = parseModel(write(chain, end));
        const { audits, convolutions, findings } = await audit(model, { preset, task, target });
        expect(audits.filter(({ status }) => status === "crashed")).toEqual([]);
        const byName = new Map(convolutions.map((row) => [row.name, row]));
        for (const { node, related, message, advice, suggestedGroups } of findings) {
          expect(`${message} ${advice}`).not.toMatch(/[{}]|undefined|NaN|null|Infinity/);
          for (const name of [node, ...related]) expect(byName.has(name), name).toBe(true);
          const { inChannels, outChannels } = byName.get(node)!;
          if (suggestedGroups !== null)
            expect(groupsProblem(suggestedGroups, inChannels, outChannels)).toBeNull();
        }
      },
    ),
    { numRuns: 200 },
  );
});

/** 16 pixels square, 12 channels, then the layers. */
function write(chain: readonly Layer[], end: "map" | "vector"): string {
  const constants: string[] = [];
  const nodes: string[] = [];
  let [value, channels] = ["x", 12];
  const emit = (name: string, line: string) => {
    nodes.push(`${name} = ${line}`);
    value = name;
  };
  chain.forEach(({ op, outChannels, groups, kernel, error, next }, i) => {
    const count = Math.max(1, groups);
    const inner = Math.max(1, Math.floor(channels / count) + error);
    const outer = Math.max(1, Math.floor(outChannels / count));
    const shape = op === "Conv" ? [outChannels, inner] : [channels + error, outer];
    constants.push(`float[${[...shape, kernel, kernel].join(", ")}] w${i}`);
    const pad = Math.floor(kernel / 2);
    emit(`c${i}`, `${op}<group = ${groups}, pads = [${Array(4).fill(pad)}]>(${value}, w${i})`);
    channels = op === "Conv" ? outChannels : outer * count;
    if (next === "relu") emit(`r${i}`, `Relu(${value})`);
    if (next === "pool")
      emit(`p${i}`, `MaxPool<kernel_shape = [1, 1], strides = [2, 2]>(${value})`);
    if (next === "shuffle" && channels % 2 === 0) {
      constants.push(`int64[5] s${i} = {0, 2, ${channels / 2}, -1, 1}`);
      constants.push(`int64[4] t${i} = {0, ${channels}, -1, 1}`);
      emit(`s${i}_a`, `Reshape(${value}, s${i})`);
      emit(`s${i}_b`, `Transpose<perm = [0, 2, 1, 3, 4]>(${value})`);
      emit(`s${i}_c`, `Reshape(${value}, t${i})`);
    }
  });
  if (end === "vector") emit("pooled", `GlobalAveragePool(${value})`);
  emit("y", `Identity(${value})`);
  return `net (float[1, 12, 16, 16] x) => (y) <${constants.join(", ")}> {\n${nodes.join("\n")}\n}`;
}
