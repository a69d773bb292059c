import { gradientChecks } from "./gradient-checks.js";
import { checkTorchCase, type TorchFixture } from "./torch-case.js";

/** The page of gradients.browser.test.ts: runs one check, told apart by its place in the list. */

const { cases }: TorchFixture = await (await fetch("/torch.json")).json();

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
  runTorch: (place: number) => verdict(() => checkTorchCase(cases[place])),
});
