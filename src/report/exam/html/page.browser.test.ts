import type { Server } from "node:http";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchBrowser, serve } from "../../../../tests/support/browser.js";
import { sampleExamReport } from "../../../../tests/support/sample-exam-report.js";
import { renderExamHtml } from "./page.js";

/** The page in a real browser: its policy and its shape on small screens. */

let browser: Browser;
let server: Server;
let url: string;

beforeAll(async () => {
  const text = renderExamHtml(await sampleExamReport());
  ({ url, server } = await serve((path) => (path === "/exam.html" ? { text } : undefined)));
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

it.each(["light", "dark"] as const)(
  "breaks no rule of its own in %s colours, and fits a telephone",
  async (colorScheme) => {
    const context = await browser.newContext({
      colorScheme,
      viewport: { width: 360, height: 740 },
    });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(`${url}/exam.html`);
    expect(complaints.filter((text) => !text.includes("favicon"))).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    // Names are not broken into letters where a table has no room, and the roofline's words can be read.
    const widths = await page
      .locator("tbody th .name:visible")
      .evaluateAll((names) => names.map((name) => name.getBoundingClientRect().width));
    expect(widths.length).toBeGreaterThan(2);
    expect(Math.min(...widths)).toBeGreaterThan(60);
    const roofline = page.locator("section > figure > svg.chart");
    expect(await roofline.evaluate(({ clientWidth }) => clientWidth)).toBeGreaterThan(600);
    // The second style was let in, too: without it nothing of a matrix is red.
    const fill = await page
      .locator("svg.heat .hot")
      .first()
      .evaluate((e) => getComputedStyle(e).fill);
    expect(fill).toBe(colorScheme === "light" ? "rgb(200, 55, 31)" : "rgb(255, 122, 92)");
  },
);
