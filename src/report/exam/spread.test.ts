import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { toJsonSchema } from "../to-json-schema.js";
import { askSchema } from "./schema-ask.js";
import { listenSchema } from "./schema-listen.js";
import { lookSchema } from "./schema-look.js";
import { pulseSchema } from "./schema-pulse.js";

/** Of a JSON Schema. */
interface Part {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Part>>;
  readonly items?: Part;
  readonly prefixItems?: readonly Part[];
  readonly anyOf?: readonly Part[];
  readonly $ref?: string;
}

/** A number, or a list of numbers, of a section. */
interface NumericField {
  readonly exam: string;
  readonly name: string;
  readonly isCount: boolean;
  /** The fields beside it. */
  readonly siblings: readonly string[];
}

const schemas = { look: lookSchema, listen: listenSchema, ask: askSchema, pulse: pulseSchema };

const fields = Object.entries(schemas).flatMap(([exam, schema]) => {
  const json = toJsonSchema(exam, schema) as Part & {
    readonly $defs?: Readonly<Record<string, Part>>;
  };
  const resolve = (part: Part): Part =>
    part.$ref ? json.$defs![part.$ref.replace("#/$defs/", "")] : part;
  const found: NumericField[] = [];
  const walk = (given: Part, name: string, siblings: readonly string[]) => {
    const part = resolve(given);
    const { type, properties, items, prefixItems = [], anyOf = [] } = part;
    if (type === "number" || type === "integer")
      found.push({ exam, name, siblings, isCount: type === "integer" });
    for (const one of anyOf) walk(one, name, siblings);
    for (const one of items ? [items, ...prefixItems] : prefixItems) walk(one, name, siblings);
    const names = Object.keys(properties ?? {});
    const isSpread = ["median", "low", "high", "samples"].every((own) => names.includes(own));
    if (!isSpread) for (const own of names) walk(properties![own], own, names);
  };
  walk(json, exam, []);
  return found;
});

/** Functions of the model, its layers and the settings: nothing that was measured. */
const EXACT = [
  ...["channelsPerGroup", "threads", "label", "budgetMs"],
  ...["macs", "bytes", "intensity", "promised", "keptEnergy"],
  ...["inShape", "outShape", "kernel", "strides", "dilations", "pads", "outputPadding"],
  // Numbers of channels and of groups.
  ...["deadChannels", "duplicateChannels", "driftedChannels", "deadGroups", "ties"],
];
/** Ends of ranges, and how far off something may be. */
const SPREADS = ["low", "high", "worstShift", "noiseMs"];
/** Computed from one number beside it, and as sure as that is. */
const FROM: Readonly<Record<string, string>> = {
  effectiveObservations: "nullAbsR",
  share: "ms",
  gigaflopsPerSecond: "ms",
  gigabytesPerSecond: "ms",
  ceilingShare: "ms",
};
/** How long an exam took, once. */
const ONCE = ["elapsedMs"];

const capitalised = (name: string) => `${name[0].toUpperCase()}${name.slice(1)}`;

/** What says how far `name` spreads. */
const spreadsOf = (name: string) => [
  `${name}Spread`,
  `${name}Halves`,
  `${name}Interval`,
  `${name}Least`,
  `sd${capitalised(name)}`,
  name.replace("mean", "sd"),
];

it("every number that was measured has its spread beside it", () => {
  const bare = fields.filter(({ name, isCount, siblings }) => {
    if (isCount || [...EXACT, ...SPREADS, ...ONCE].includes(name)) return false;
    if (name.startsWith("sd") || /(Halves|Interval|Least|Most)$/.test(name)) return false;
    const owners = [name, FROM[name]].filter((owner) => siblings.includes(owner));
    const isBeside = owners.some((owner) =>
      spreadsOf(owner).some((spread) => spread !== owner && siblings.includes(spread)),
    );
    return !isBeside && !(FROM[name] === "ms" && siblings.includes("ms"));
  });
  expect(bare.map(({ exam, name }) => `${exam}: ${name}`)).toEqual([]);
});

it("docs/exams/numbers.md has every one of them", () => {
  const page = readFileSync(new URL("../../../docs/exams/numbers.md", import.meta.url), "utf8");
  // Whole numbers count something.
  const wanted = fields.filter(({ isCount }) => !isCount).map(({ name }) => name);
  expect(wanted.length).toBeGreaterThan(80);
  expect([...new Set(wanted)].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
