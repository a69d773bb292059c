import { readFileSync } from "node:fs";
import { arch, cpus, loadavg, platform, totalmem } from "node:os";

/** What a result depends on, in a line: machine and runtime. */
export function describeMachine(): string {
  const [cpu] = cpus();
  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GB`;
  return `${cpus().length} x ${cpu.model.trim()}, ${memory}, ${platform()} ${arch()}, Node ${process.versions.node}`;
}

/** Processes that wanted a processor, averaged over one minute. */
export function describeLoad(): string {
  return `load ${loadavg()[0].toFixed(2)}`;
}

/** Version of a package as installed. */
export function installedVersion(name: string): string {
  const manifest = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}
