/*
 * An area as it comes in: the shape of the wire's `Area` message (proto/outrider/v1/area.proto has units and ranges), so that a
 * decoded one is handed over as it is. Everything may be missing or wrong; `compileArea` says what is.
 */
type Maybe<T> = T | null | undefined

export interface PositionInput {
  /** 1e-7 degree, -900,000,000..900,000,000. */
  readonly latitudeE7?: Maybe<number>
  /** 1e-7 degree, -1,800,000,000..1,800,000,000. */
  readonly longitudeE7?: Maybe<number>
}

export interface RingInput {
  /** At least three different corners; the last may repeat the first. */
  readonly points?: Maybe<readonly PositionInput[]>
}

export interface PolygonInput {
  readonly outer?: Maybe<RingInput>
  readonly holes?: Maybe<readonly RingInput[]>
}

export interface AreaInput {
  readonly circle?: Maybe<{
    readonly center?: Maybe<PositionInput>
    /** 0.01 m, 1..100,000,000. */
    readonly radiusCm?: Maybe<number>
  }>
  readonly polygons?: Maybe<{ readonly polygons?: Maybe<readonly PolygonInput[]> }>
  readonly corridor?: Maybe<{
    readonly line?: Maybe<readonly PositionInput[]>
    /** Full width in 0.01 m, 1..1,000,000. */
    readonly widthCm?: Maybe<number>
    /** The wire's CorridorDirection: 0 not said (both), 1 both, 2 along, 3 against. */
    readonly direction?: Maybe<number>
  }>
  readonly moving?: Maybe<{
    readonly position?: Maybe<PositionInput>
    /** When the vehicle was there: ms since 1970-01-01 UTC. */
    readonly timeMs?: Maybe<number>
    /** Course in 0.1 degree, 0..3599. */
    readonly headingDecideg?: Maybe<number>
    /** 0.01 m/s, 0..16,382; missing: stands. */
    readonly speedCmps?: Maybe<number>
    /** 0.01 m, 0..1,000,000. */
    readonly aheadCm?: Maybe<number>
    readonly behindCm?: Maybe<number>
    /** Full width in 0.01 m, 1..1,000,000. */
    readonly widthCm?: Maybe<number>
  }>
}
