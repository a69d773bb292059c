import type { Server } from "node:http";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchBrowser, serve } from "../../../tests/support/browser.js";
import { sampleExamReport } from "../../../tests/support/sample-exam-report.js";
import { sampleResult } from "../../../tests/support/sample-result.js";
import { checkupOf } from "./checkup.js";
import { renderCheckup } from "./render.js";

/** The page in a real browser: its policy lets its own script and styles in, and it fits a telephone. */

let browser: Browser;
let server: Server;
let url: string;

beforeAll(async () => {
  const text = await renderCheckup(checkupOf(sampleResult(), await sampleExamReport()), "html");
  ({ url, server } = await serve((path) => (path === "/checkup.html" ? { text } : undefined)));
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

it("breaks no rule of its own, sorts its layers, and draws its matrices", async () => {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(`${url}/checkup.html`);
  expect(complaints.filter((text) => !text.includes("favicon"))).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  await page.locator("#layers thead button").first().click();
  expect(await page.locator("#layers th[aria-sort]").count()).toBe(1);
  const fill = await page
    .locator("svg.heat .hot")
    .first()
    .evaluate((e) => getComputedStyle(e).fill);
  expect(fill).toBe("rgb(200, 55, 31)");
});
