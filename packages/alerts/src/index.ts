export type { AlertChange, AlertOutcome, IgnoredReason, Made, RefusedReason } from './alert-change.js'
export type { Alert, AlertEntry, AlertIdentity, EndedAlert, Ending, Now, StandingAlert } from './alert-entry.js'
export type { AlertProblem, CompileArea } from './alert-problem.js'
export type { AlertDraft, AlertRegistry, AlertRegistryOptions, EndOrder, RegistryCounts, RegistryDifference } from './alert-registry.js'
