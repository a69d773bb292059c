import type { Model } from "../../graph/index.js";
import { copyModel } from "../../onnx/index.js";
import { Session, type Tensors } from "../../runtime/index.js";
import { Tensor } from "../../tensor/index.js";
import { sum } from "../../util/math.js";
import type { MeanAndSd } from "../../util/statistics.js";
import type { ExamData } from "../exam-data.js";
import { Reducer } from "../look/statistics.js";
import { QUIET } from "../quiet.js";
import { ChannelCorrelation } from "./channel-correlation.js";
import type { Latency } from "./section.js";
import type { Subject } from "./subjects.js";

/** The network as it is: what trials are compared with. */
export class Baseline {
  readonly reducer = new Reducer();
  /** Of the layer asked for last; its trials come one after the other. */
  #open: Reference | null = null;

  /** @param roomBytes Most memory for what the network gives out. */
  constructor(
    readonly model: Model,
    readonly data: ExamData,
    readonly roomBytes: number,
  ) {}

  async reference(subject: Subject): Promise<Reference> {
    if (this.#open?.subject === subject) return this.#open;
    await this.#close();
    this.#open = await measureReference(this, subject);
    return this.#open;
  }

  async release(): Promise<void> {
    await this.#close();
    await this.reducer.release();
  }

  async #close(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    await open?.session.release();
  }
}

/** What the network as it is gives out, with what the next layers of one layer write. */
export interface Reference {
  readonly subject: Subject;
  /** Fuses what the trials' networks fuse, and rounds where they do, as it gives out the same values. */
  readonly session: Session;
  /** All it gives out, by batch; null where that is too much to keep. */
  readonly kept: readonly Tensors[] | null;
  /** Of the channels that each of the next layers writes. */
  readonly nextAbsR: readonly (MeanAndSd | null)[];
  /** Of the layer cut into so many groups. */
  readonly cutLatencies: Map<number, Latency>;
}

async function measureReference(
  { model, data, reducer, roomBytes }: Baseline,
  subject: Subject,
): Promise<Reference> {
  const copy = copyModel(model);
  giveOutNext(copy, subject);
  const session = await Session.create(copy, QUIET);
  const correlations = subject.next.map(({ outChannels }) => new ChannelCorrelation(outChannels));
  let kept: Tensors[] | null = [];
  try {
    for (let index = 0; index < data.batchCount; index++) {
      const values = await session.run(await data.batch(index));
      const bytes = sum(Object.values(values).map((value) => value.bytes.length));
      if (bytes * data.batchCount > roomBytes) kept = null;
      kept?.push(values);
      for (const [i, { y }] of subject.next.entries()) {
        const value = values[y.name];
        await correlations[i].add(kept ? copyOf(value) : value, reducer);
      }
    }
  } catch (error) {
    await session.release();
    throw error;
  }
  const nextAbsR = correlations.map((correlation) => correlation.absR());
  return { subject, session, kept, nextAbsR, cutLatencies: new Map() };
}

function copyOf({ dtype, shape, data }: Tensor): Tensor {
  return new Tensor(dtype, shape, data.slice());
}

/** Makes what the next layers write outputs of the graph. */
export function giveOutNext({ graph }: Model, { next }: Subject): void {
  for (const { y } of next) {
    const value = graph.find(y.name)!;
    if (!graph.outputs.includes(value)) graph.outputs.push(value);
  }
}
