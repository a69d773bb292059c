import type { Server } from "node:http";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, serve } from "../../../tests/support/browser.js";
import { sampleResult } from "../../../tests/support/sample-result.js";
import { renderHtml } from "./page.js";

/** The page in a real browser: its policy, its script, its colours and its shape on small screens. */

let browser: Browser;
let server: Server;
let url: string;
const PATH = "/report.html";
const requests: string[] = [];

beforeAll(async () => {
  ({ url, server } = await serve((path) => {
    requests.push(path);
    return path === PATH ? { text: renderHtml(sampleResult()) } : undefined;
  }));
  browser = await launchBrowser();
}, 60_000);

afterAll(async () => {
  await browser?.close();
  server?.close();
});

interface Visit {
  readonly page: Page;
  /** What the browser complained about: scripts and styles refused, requests blocked, exceptions. */
  readonly complaints: readonly string[];
}

async function visit(options: BrowserContextOptions = {}): Promise<Visit> {
  const page = await (await browser.newContext(options)).newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  requests.length = 0;
  await page.goto(url + PATH);
  return { page, complaints };
}

const firstLayer = (page: Page) => page.locator("#layers tbody th").first().textContent();
const count = (page: Page) => page.locator("#layer-tools output").textContent();

it("asks for nothing but itself, and breaks no rule of its own", async () => {
  const { page, complaints } = await visit();
  expect(requests.filter((path) => path !== "/favicon.ico")).toEqual([PATH]);
  expect(complaints).toEqual([]);
  // The style was let in: without it a card has no border.
  const border = await page
    .locator(".card")
    .first()
    .evaluate((e) => getComputedStyle(e).borderWidth);
  expect(border).toBe("1px");
});

it("sorts the layers by what is asked for, both ways", async () => {
  const { page } = await visit();
  const macs = page.getByRole("columnheader", { name: "MACs" });
  await macs.getByRole("button").click();
  expect(await macs.getAttribute("aria-sort")).toBe("ascending");
  expect(await firstLayer(page)).toContain("<script>alert(1)</script>"); // its MACs are unknown
  await macs.getByRole("button").click();
  expect(await macs.getAttribute("aria-sort")).toBe("descending");
  expect(await firstLayer(page)).toBe("backbone/stage2/grouped_a"); // 236 M

  await page.getByRole("columnheader", { name: "#" }).getByRole("button").click();
  expect(await firstLayer(page)).toBe("stem/conv");
  expect(await macs.getAttribute("aria-sort")).toBeNull();
});

it("filters the layers, and shows them again to whom follows a link", async () => {
  const { page } = await visit();
  expect(await count(page)).toBe("25 of 25 shown");
  await page.getByLabel("with groups only").check();
  expect(await count(page)).toBe("13 of 25 shown");
  await page.getByLabel("with findings only").check();
  expect(await count(page)).toBe("9 of 25 shown");
  await page.getByLabel("Filter").fill("GATE/MUL");
  expect(await count(page)).toBe("1 of 25 shown");

  await page.evaluate(() => {
    location.hash = "#layer-1";
  });
  await page.waitForFunction(() => !document.getElementById("layer-1")?.hidden);
  expect(await count(page)).toBe("25 of 25 shown");
});

it("says everything without scripts", async () => {
  const { page } = await visit({ javaScriptEnabled: false });
  expect(await page.locator("#layers tbody tr").count()).toBe(25);
  expect(await page.locator("#layer-tools").isVisible()).toBe(false);
  expect(await page.locator("svg.network").isVisible()).toBe(true);
});

describe.each(["light", "dark"] as const)("in %s colours", (colorScheme) => {
  it("all text has a contrast of at least 4.5 to what is behind it (WCAG 2.2, 1.4.3)", async () => {
    const { page } = await visit({ colorScheme });
    const faint = await page.evaluate(() => {
      const parts = (color: string) => (color.match(/[\d.]+/g) ?? []).map(Number);
      const luminance = (color: string) => {
        const [r, g, b] = parts(color).map((part) => {
          const share = part / 255;
          return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const background = (element: Element | null): string => {
        if (!element) return "rgb(255, 255, 255)";
        const color = getComputedStyle(element).backgroundColor;
        return parts(color)[3] === 0 ? background(element.parentElement) : color;
      };
      const found: string[] = [];
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let text = walker.nextNode(); text; text = walker.nextNode()) {
        const element = text.parentElement;
        if (!element || !text.textContent?.trim() || element.closest("script, title")) continue;
        const { color, fill } = getComputedStyle(element);
        const [a, b] = [element.closest("svg") ? fill : color, background(element)].map(luminance);
        const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (contrast < 4.5) found.push(`${element.className} ${text.textContent}: ${contrast}`);
      }
      return found;
    });
    expect(faint).toEqual([]);
  });

  it("fits a telephone; only what may scrolls sideways", async () => {
    const { page } = await visit({ colorScheme, viewport: { width: 360, height: 740 } });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });
});
