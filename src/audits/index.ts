export { audits } from "./all.js";
export type { AnyAudit, Audit, Message } from "./audit.js";
export { type AuditOptions, audit } from "./audit-model.js";
export { findPreset, PRESETS, type Preset } from "./presets.js";
export type * from "./result.js";
export type { SeverityOverrides } from "./runner.js";
