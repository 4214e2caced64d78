/** One telling of an alert: its first, or one that changed something. */
export interface AlertRevision {
  /** As the alert counts them, from 1; renewals, which tell nothing new, leave gaps. */
  readonly revision: number
  readonly atS: number
  readonly lat: number
  readonly lon: number
}

/** An alert that a zone made, as scoring looks at it. Times are seconds in the trace's base; what is matched is the first revision. */
export interface DetectedAlert {
  readonly id: string
  /** ETSI cause and sub-cause of the first revision. */
  readonly cause: number
  readonly subCause: number
  /** Event position of the first revision, degrees. */
  readonly lat: number
  readonly lon: number
  /** Extent of the area, m. */
  readonly radiusM: number
  /** Reference heading, degrees; null = no direction applies. */
  readonly headingDeg: number | null
  readonly issuedAtS: number
  /** Null = active when the trace ended. */
  readonly endedAtS: number | null
  /** The wire's EndReason in lower case (`expired`, `resolved` …); null while active. */
  readonly endReason: string | null
  readonly revisions: readonly AlertRevision[]
  readonly renewals: number
  /** Information quality of the last revision as a share of the highest, 0..1. */
  readonly confidence: number
  /** Independent vehicles behind the last revision. */
  readonly sources: number
}
