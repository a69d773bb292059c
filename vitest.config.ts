import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (name: string) => fileURLToPath(new URL(`src/${name}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^groupconv$/, replacement: source("index.node.ts") }, // as examples import it
      { find: /^groupconv\/(nn|train)$/, replacement: source("$1/index.ts") },
    ],
  },
  test: {
    include: ["src/**/*.test.ts", "tests/**/*.test.ts"],
    reporters: ["default", "./tests/support/closing-line.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000, // a browser starts and ends in them
  },
});
