import { expect, it } from "vitest";
import { UsageError } from "../util/errors.js";
import { auditPage, auditUrl } from "./audit-url.js";

it("names the page in the package", () =>
  expect(auditPage("slow-groups")).toBe("docs/audits/slow-groups.md"));

it.each([
  ["slow-groups", "https://example.org/audits", "https://example.org/audits/slow-groups.md"],
  ["slow-groups", "https://example.org/audits/", "https://example.org/audits/slow-groups.md"],
  ["../../evil", "https://example.org/audits", "https://example.org/audits/..%2F..%2Fevil.md"],
  ['"><b>|', "https://example.org/audits", "https://example.org/audits/%22%3E%3Cb%3E%7C.md"],
  ["lone \ud800", "https://example.org/a", "https://example.org/a/lone%20%5Cu%7Bd800%7D.md"],
])("the page of %j below %s is %s", (audit, docsUrl, url) =>
  expect(auditUrl(audit, docsUrl)).toBe(url),
);

it.each(["docs/audits", "javascript:alert(1)//", "file:///docs", "https://", ""])(
  "refuses %j as an address",
  (docsUrl) => {
    expect(() => auditUrl("slow-groups", docsUrl)).toThrow(UsageError);
    expect(() => auditUrl("slow-groups", docsUrl)).toThrow("must be an absolute address");
  },
);
