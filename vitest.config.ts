import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "tests/**/*.test.ts"],
    reporters: ["default", "./tests/support/closing-line.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000, // a browser starts and ends in them
  },
});
