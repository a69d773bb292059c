import { UsageError } from "../util/errors.js";
import { printable } from "../util/text.js";

/** Where the page of an audit lies in the package, for readers without a web address. */
export function auditPage(audit: string): string {
  return `docs/audits/${audit}.md`;
}

/**
 * Web address of an audit's page below `docsUrl`.
 *
 * @throws UsageError if `docsUrl` is no absolute http or https address.
 */
export function auditUrl(audit: string, docsUrl: string): string {
  const folder = docsUrl.endsWith("/") ? docsUrl : `${docsUrl}/`;
  if (!/^https?:\/\//i.test(docsUrl) || !URL.canParse(folder))
    throw new UsageError(
      `docsUrl="${printable(docsUrl)}" must be an absolute address such as https://example.org/audits/`,
    );
  return new URL(`${encodeURIComponent(printable(audit))}.md`, folder).href.replaceAll("|", "%7C");
}
