// Builds unless dist/ is newer than all it is made of: `npx groupconv` prepares the package once more in
// npm's cache, and shall not compile it once more.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const built = join(root, "dist/cli/main.js");
const configs = ["package.json", "tsconfig.json", "tsconfig.build.json", "scripts/bundle-cli.mjs"];
const sources = readdirSync(join(root, "src"), { recursive: true }).map((file) =>
  join("src", file),
);
const modified = (file) => statSync(join(root, file)).mtimeMs;

const isFresh =
  existsSync(built) &&
  [...configs, ...sources].every((file) => modified(file) < statSync(built).mtimeMs);
if (!isFresh) execFileSync("npm", ["run", "build"], { cwd: root, stdio: "inherit", shell: true });
