import * as z from "zod"; // the named import `z` would bring every language of its messages along
import { type JsonSchema, type SchemaNames, toJsonSchema } from "./to-json-schema.js";

/**
 * The shape of a {@link Result} as a checker, for results that come from a file or another program.
 * Strict: a field it does not know is refused, so a misspelt one is never ignored.
 */

const count = z.int().nonnegative();
const amount = z.number().nonnegative();
const sizes = z.array(z.number()).readonly();
const names = z.array(z.string()).readonly();

const evidence = z
  .strictObject({
    level: z.enum(["specification", "runtime", "measured", "published", "heuristic", "disputed"]),
    source: z.string(),
  })
  .readonly();

const model = z
  .strictObject({
    name: z.string(),
    producer: z.string().nullable(),
    irVersion: z.number(),
    opset: z.number(),
    nodes: count,
    params: amount,
    macs: amount.nullable(),
  })
  .readonly();

const scene = z
  .strictObject({
    task: z.enum(["classification", "detection", "segmentation", "unknown"]),
    source: z.enum(["given", "inferred"]),
    reason: z.string(),
  })
  .readonly();

const target = z.strictObject({ name: z.string(), blockSize: z.number().nullable() }).readonly();

const input = z
  .strictObject({
    name: z.string(),
    shape: sizes.nullable(),
    source: z.enum(["file", "given", "default"]),
  })
  .readonly();

const shapes = z.strictObject({ available: z.boolean(), reason: z.string().nullable() }).readonly();

const fastPath = z
  .strictObject({
    path: z.enum(["fast", "depthwise", "slow", "unsupported", "unknown"]),
    reason: z.string(),
    evidence,
    confirmed: z.boolean().nullable(),
  })
  .readonly();

const mixing = z
  .strictObject({
    status: z.enum(["dense", "mixed", "separate", "gain", "unknown"]),
    mixedBy: z.string().nullable(),
    separateParts: count,
  })
  .readonly();

const convolution = z
  .strictObject({
    name: z.string(),
    op: z.string(),
    role: z.enum(["stem", "body", "neck", "head", "encoder", "decoder", "skip", "gate", "unknown"]),
    roleSource: z.enum(["inferred", "given"]),
    depth: z.number().min(0).max(1),
    inChannels: z.number(),
    outChannels: z.number(),
    kernel: sizes,
    strides: sizes,
    groups: z.number(),
    channelsPerGroup: z.number(),
    kind: z.enum(["dense", "grouped", "depthwise"]),
    inShape: sizes.nullable(),
    outShape: sizes.nullable(),
    params: amount,
    macs: amount.nullable(),
    fastPath,
    mixing,
  })
  .readonly();

const audit = z
  .strictObject({
    id: z.string(),
    title: z.string(),
    failureTitle: z.string(),
    why: z.string(),
    status: z.enum(["passed", "failed", "not-applicable", "silent", "crashed"]),
    reason: z.string().nullable(),
    seedRows: names,
    findings: count,
  })
  .readonly();

const finding = z
  .strictObject({
    audit: z.string(),
    severity: z.enum(["error", "warning", "info"]),
    node: z.string(),
    related: names,
    messageId: z.string(),
    message: z.string(),
    advice: z.string(),
    data: z.record(z.string(), z.union([z.string(), z.number(), sizes])).readonly(),
    groups: z.number(),
    channelsPerGroup: z.number(),
    suggestedGroups: z.number().nullable(),
    evidence,
    seedRows: names,
  })
  .readonly();

/** Checks one result; its inferred type is `Result`, field for field. */
export const resultSchema = z
  .strictObject({
    schemaVersion: z.literal(1),
    tool: z.strictObject({ name: z.literal("groupconv"), version: z.string() }).readonly(),
    model,
    preset: z.string(),
    scene,
    target,
    inputs: z.array(input).readonly(),
    shapes,
    convolutions: z.array(convolution).readonly(),
    audits: z.array(audit).readonly(),
    findings: z.array(finding).readonly(),
    summary: z.strictObject({ errors: count, warnings: count, infos: count }).readonly(),
    notes: names,
  })
  .readonly();

/** The same as a JSON Schema (draft 2020-12). */
export function resultJsonSchema(): JsonSchema {
  const parts = z.registry<{ id: string }>();
  nameResultParts(parts);
  return toJsonSchema("groupconv audit result, version 1", resultSchema, parts);
}

/** Gives the parts that are met again and again names of their own in a JSON Schema. */
export function nameResultParts(parts: SchemaNames): void {
  parts.add(evidence, { id: "Evidence" });
  parts.add(convolution, { id: "Convolution" });
  parts.add(audit, { id: "Audit" });
  parts.add(finding, { id: "Finding" });
}
