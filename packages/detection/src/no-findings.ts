import type { Finding } from './evidence.js'

/** What a detector returns nearly always; one array for all, so that looking allocates nothing. */
export const noFindings: readonly Finding[] = Object.freeze([])
