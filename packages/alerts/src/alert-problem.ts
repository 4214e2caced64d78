import type { outrider } from '@outrider/protocol'

/** What is wrong with an alert from outside. */
export interface AlertProblem {
  /** Path of the field in JSON names, such as `history[3].position.latitudeE7`. */
  readonly field: string
  /** What is allowed, in English, to be shown to who sent it. */
  readonly message: string
}

/**
 * Turns a wire area into what the caller's matching works with; geo's job, not this package's. It is called with every alert that
 * enters a registry, and an alert whose area it refuses enters none: without a valid area nobody would be warned by right.
 * Valid here means valid anywhere: an area outside the caller's own footprint is valid, or registries would differ. Pure.
 */
export type CompileArea<Area> = (
  area: outrider.v1.Area.$Properties,
) => { readonly ok: true; readonly area: Area } | { readonly ok: false; readonly problem: AlertProblem }
