import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { packagedBrowser } from "../../../../tests/support/browser.js";

/**
 * The browser that the tests have, behind a script in `folder` that gives it WebGPU by a program on the processor.
 * @returns Path of the script.
 */
export async function softwareBrowser(folder: string): Promise<string> {
  const { path } = await packagedBrowser();
  const script = join(folder, "browser");
  await writeFile(script, `#!/bin/sh\nexec "${path}" "$@" --use-webgpu-adapter=swiftshader\n`);
  await chmod(script, 0o755);
  return script;
}
