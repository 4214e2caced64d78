import { bearingDeg, haversineM, headingDifferenceDeg, reverseHeadingDeg } from '@outrider/geo'
import { outrider } from '@outrider/protocol'

const { TrafficDirection } = outrider.v1

/** Room to spare: a vehicle that is concerned by less may have been left out rightly, or come in a moment later. */
const spareM = 15
const spareDeg = 10
const courseDegMax = 45
const bearingDegMax = 60

/**
 * Whether a detected alert (a circle) surely concerns a vehicle: the rule of "mechanical truth" with 15 m and 10° to spare.
 * @param courseDeg undefined = none known: then only who is in the area, or any if the alert is to all traffic
 */
export function isSurelyConcerned(
  alert: outrider.v1.Alert.$Properties,
  at: { readonly latitude: number; readonly longitude: number; readonly courseDeg: number | undefined },
): boolean {
  const { eventPosition, area, awarenessDistanceM, referenceHeadingDecideg, trafficDirection } = alert
  const center = area?.circle?.center
  if (eventPosition == null || center == null) return false
  const [eventLatitude, eventLongitude] = degrees(eventPosition)
  if (haversineM(at.latitude, at.longitude, ...degrees(center)) <= (area?.circle?.radiusCm ?? 0) / 100 - spareM) return true
  const awayM = haversineM(at.latitude, at.longitude, eventLatitude, eventLongitude)
  if (awayM > (awarenessDistanceM ?? 0) - spareM) return false
  const isToAll = trafficDirection === TrafficDirection.TRAFFIC_DIRECTION_ALL || !trafficDirection
  if (isToAll) return true
  if (at.courseDeg === undefined || referenceHeadingDecideg == null || awayM <= spareM) return false
  const isOpposite = trafficDirection === TrafficDirection.TRAFFIC_DIRECTION_OPPOSITE
  const isDownstream = trafficDirection === TrafficDirection.TRAFFIC_DIRECTION_DOWNSTREAM
  const headingDeg = referenceHeadingDecideg / 10
  const wantedDeg = isOpposite ? reverseHeadingDeg(headingDeg) : headingDeg
  const lookDeg = isDownstream ? reverseHeadingDeg(at.courseDeg) : at.courseDeg
  const blurDeg = (Math.asin(Math.min(1, spareM / awayM)) * 180) / Math.PI
  return (
    headingDifferenceDeg(at.courseDeg, wantedDeg) <= courseDegMax - spareDeg &&
    headingDifferenceDeg(lookDeg, bearingDeg(at.latitude, at.longitude, eventLatitude, eventLongitude)) <=
      bearingDegMax - spareDeg - blurDeg
  )
}

function degrees({ latitudeE7, longitudeE7 }: outrider.v1.Position.$Properties): [latitude: number, longitude: number] {
  return [(latitudeE7 ?? 0) / 1e7, (longitudeE7 ?? 0) / 1e7]
}
