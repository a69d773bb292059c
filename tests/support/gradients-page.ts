import { gradientChecks } from "./gradient-checks.js";
import { networkChecks } from "./network-checks.js";
import { checkTorchCase, type TorchFixture } from "./torch-case.js";

/** The page of gradients.browser.test.ts: runs one check, told apart by its place in the list. */

const { cases }: TorchFixture = await (await fetch("/torch.json")).json();

async function read(file: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(`/models/${file}`)).arrayBuffer());
}

/** What went wrong, or null. */
async function verdict(check: () => Promise<void>): Promise<string | null> {
  try {
    await check();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

Object.assign(window, {
  runDifferences: (place: number) => verdict(gradientChecks[place].run),
  runNetwork: (place: number) => verdict(() => networkChecks[place].run(read)),
  runTorch: (place: number) => verdict(() => checkTorchCase(cases[place])),
});
