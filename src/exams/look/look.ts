import type { Exam } from "../exam.js";
import type { LookSection } from "./section.js";

export interface LookOptions {
  /** Largest side of the correlation matrices kept in the report. Defaults to 64. */
  readonly matrixSize?: number;
}

/** 望: what the channels of every convolution look like beside each other. */
export const look: Exam<"look", LookSection, LookOptions> = {
  id: "look",
  seedName: "望",
  title: "Channel correlation",
  run: async () => ({ section: { layers: [] }, checks: [], notes: [] }),
};
