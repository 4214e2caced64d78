export type { Area, CorridorDirection } from './area.js'
export { clearanceM, contains, corridorCourseDeg, distanceToAreaM, isWithinM } from './area.js'
export type { AreaInput, PolygonInput, PositionInput, RingInput } from './area-input.js'
export type { AreaProblem, AreaProblemCode } from './area-problem.js'
export { areaPointsMax, areaProblemCodes } from './area-problem.js'
export type { AreaResult, CompiledArea } from './compile-area.js'
export { compileArea } from './compile-area.js'
export type { FenceIndex, FenceIndexOptions } from './fence-index.js'
export { blocksPerFenceMax, createFenceIndex } from './fence-index.js'
export type { Extent, Frame } from './frame.js'
export {
  courseDeg,
  createExtent,
  createFrame,
  distanceM,
  eastMPerUnit,
  frameReachUnits,
  inFrame,
  northMPerUnit,
  toLatitudeE7,
  toLongitudeE7,
  toX,
  toY,
} from './frame.js'
export type { GeoErrorCode } from './geo-error.js'
export { GeoError, geoErrorCodes } from './geo-error.js'
export type { GeoJsonAreaOptions, GeoJsonAreaResult } from './geo-json.js'
export { areaFromGeoJson } from './geo-json.js'
export { headingDifferenceDeg, reverseHeadingDeg } from './heading.js'
export type { MovingArea } from './moving-area.js'
export { areaAt } from './moving-area.js'
export type { Place, Reach } from './reach.js'
export { createReach, placeIn, places } from './reach.js'
export type { Shape } from './shape.js'
export { pointShape, shapeOf, touches } from './shape.js'
export type { DegPosition } from './sphere.js'
export { bearingDeg, destination, earthRadiusM, haversineM } from './sphere.js'
export type { VehicleGrid, VehicleGridOptions } from './vehicle-grid.js'
export { createVehicleGrid } from './vehicle-grid.js'
