import type { FitEvent } from "../../train/index.js";

/** Files a training has written, from the folder the command runs in. */
export interface WrittenFiles {
  readonly checkpoint: string;
  /** Of a training that was not stopped: the network as ONNX, and its values as safetensors. */
  readonly model?: string;
  readonly weights?: string;
}

/** Tells a person or a program how a training goes. */
export interface Reporter {
  event(event: FitEvent): void;
  wrote(files: WrittenFiles): void;
}
