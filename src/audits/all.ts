import type { AnyAudit } from "./audit.js";
import { unmixedGroups } from "./unmixed-groups.js";

/** Every audit there is, in the order of reports. A test holds this list against the files of the folder. */
export const audits: readonly AnyAudit[] = [unmixedGroups];
