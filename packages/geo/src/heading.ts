/** Smallest angle between two headings in degrees, whatever turns they carry: 0..180. */
export function headingDifferenceDeg(aDeg: number, bDeg: number): number {
  const difference = Math.abs(aDeg - bDeg) % 360
  return difference > 180 ? 360 - difference : difference
}

/** The opposite heading, 0 ≤ h < 360, of a heading 0 ≤ h < 360. */
export function reverseHeadingDeg(headingDeg: number): number {
  return headingDeg >= 180 ? headingDeg - 180 : headingDeg + 180
}
