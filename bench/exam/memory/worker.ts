/**
 * One program that is measured: `worker.ts NETWORK EXAM LIMIT_MIB` examines, or with EXAM `plain` only runs the
 * network on the same data. Ends with a line of JSON: the most memory the process ever held, what was left
 * out, and why the exam could not be made.
 */

import type { ExamId } from "../../../src/exams/all.js";
import { examine, roomWithin } from "../../../src/exams/index.node.js";
import { Session } from "../../../src/runtime/index.js";
import { networks } from "./networks.js";

const [name, exam, limit] = process.argv.slice(2);
const network = networks.find((one) => one.name === name)!;
const { model, data } = await network.load();

let notes: readonly string[] = [];
let refusal: string | null = null;
if (exam === "plain") {
  const session = await Session.create(model);
  for (let index = 0; index < data.batchCount; index++) await session.run(await data.batch(index));
  await session.release();
} else {
  const report = await examine(model, data, {
    exams: [exam as ExamId],
    memoryBytes: roomWithin(Number(limit) * 2 ** 20, model, data),
  });
  const [row] = report.exams;
  notes = report.notes;
  refusal = row.reason;
}
const peakMib = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ peakMib, notes, refusal }));
