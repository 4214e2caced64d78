import { causes, type outrider } from '@outrider/protocol'

type Alert = outrider.v1.Alert.$Properties
type Cause = outrider.v1.Cause.$Properties

const health = causes.humanProblem.code
const breakdown = causes.vehicleBreakdown.code
const stationary = causes.stationaryVehicle.code

/**
 * An alert as it may be stored and published: health (93) is a breakdown (91) where a linked cause says so, else a stationary vehicle (94),
 * without a sub-cause, which would say it again; a linked 93 is left out. Nodes and regions refuse 93 at their doors; this holds for what
 * comes from elsewhere.
 */
export function withoutHealth(alert: Alert): Alert {
  const linked = alert.linkedCauses ?? []
  const namesHealth = (cause: Cause) => cause.code === health || (cause.code === stationary && cause.subCause === stationaryHumanProblem)
  const isHealth = alert.cause != null && namesHealth(alert.cause)
  if (!isHealth && !linked.some(namesHealth)) return alert
  const code = linked.some(cause => cause.code === breakdown) ? breakdown : stationary
  const texts = isHealth ? [] : (alert.texts ?? [])
  return {
    ...alert,
    ...(isHealth && { cause: { code, subCause: 0 }, texts }),
    linkedCauses: linked.filter(cause => !namesHealth(cause)),
  }
}

/** CDD StationaryVehicleSubCauseCode humanProblem. */
const stationaryHumanProblem = 1
