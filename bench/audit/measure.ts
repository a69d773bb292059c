import { spawn } from "node:child_process";
import { performance } from "node:perf_hooks";

/** A program run once, from its start to its end. */
export interface Run {
  readonly seconds: number;
  readonly peakMegabytes: number;
  readonly stdout: string;
}

/** A program, and the exit codes that mean it did its work. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly goodCodes: readonly number[];
}

/** Runs a program that says on stderr how much memory it held, as `peak_kb=...`. */
export function measure({ command, args, goodCodes }: Program): Promise<Run> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      const seconds = (performance.now() - started) / 1000;
      const peak = /^peak_kb=(\d+)$/m.exec(stderr)?.[1];
      const line = [command, ...args].join(" ");
      if (code === null || !goodCodes.includes(code))
        reject(new Error(`${line}: ended with ${code ?? signal}\n${stderr.slice(-2000)}`));
      else if (peak === undefined)
        reject(new Error(`${line}: did not say how much memory it held`));
      else resolve({ seconds, peakMegabytes: (Number(peak) * 1024) / 1e6, stdout });
    });
  });
}
