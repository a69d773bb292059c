/**
 * One program that is measured: `worker.ts NETWORK EXAM LIMIT_MIB` examines, or with EXAM `plain` only runs the
 * network on the same data. Ends with a line of JSON: the most memory the process ever held, what was left
 * out, and why the exam could not be made.
 */

import type { ExamId } from "../../../src/exams/all.js";
import { examine, keptWithin, roomWithin } from "../../../src/exams/index.node.js";
import { Session } from "../../../src/runtime/index.js";
import { networks } from "./networks.js";

const [name, exam, limit] = process.argv.slice(2);
const network = networks.find((one) => one.name === name)!;
const limitBytes = Number(limit) * 2 ** 20;

let notes: readonly string[] = [];
let refusal: string | null = null;
await network.use(keptWithin(limitBytes), async (model, data) => {
  if (exam === "plain") {
    const session = await Session.create(model);
    for (let index = 0; index < data.batchCount; index++)
      await session.run(await data.batch(index));
    await session.release();
    return;
  }
  const report = await examine(model, data, {
    exams: [exam as ExamId],
    memoryBytes: roomWithin(limitBytes, model, data),
  });
  const [row] = report.exams;
  notes = report.notes;
  refusal = row.reason;
});
const peakMib = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ peakMib, notes, refusal }));
