// After `npm ci`, `npx groupconv` shall find this package's own command at once; without a link in
// node_modules/.bin npm would first install the package into its cache, and build it again there.
import { chmodSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

chmodSync(path("dist/cli/main.js"), 0o755);
if (process.platform !== "win32") {
  mkdirSync(path("node_modules/.bin"), { recursive: true });
  rmSync(path("node_modules/.bin/groupconv"), { force: true });
  symlinkSync("../../dist/cli/main.js", path("node_modules/.bin/groupconv"));
}
