// What the bare loops send: the least a report and an alert can be. Sizes as in 3GPP TS 22.185 (periodic messages of 50 to 300 bytes).

/** A report of 80 bytes: time (float64 ms), latitude and longitude (int32, 1e-7 degrees), the rest is filling. */
const reportBytes = 80
/** An alert of 250 bytes: the moment it was sent (float64 ms on the machine's shared clock), the rest is filling. */
export const alertBytes = 250

export function makeReport(vehicle: number): Uint8Array {
  const bytes = new Uint8Array(reportBytes).fill(vehicle & 0x7f)
  const view = new DataView(bytes.buffer)
  view.setFloat64(0, 1.8e12 + vehicle, true)
  view.setInt32(8, 535_000_000 + vehicle, true)
  view.setInt32(12, 100_000_000 + vehicle, true)
  return bytes
}

/** The bare receiver: decodes three numbers and stores them in the sender's row. */
export function createRows(vehicles: number) {
  const timeMs = new Float64Array(vehicles)
  const latitudeE7 = new Int32Array(vehicles)
  const longitudeE7 = new Int32Array(vehicles)
  let received = 0
  return {
    store(row: number, message: ArrayBuffer, offset: number) {
      const view = new DataView(message, offset)
      timeMs[row] = view.getFloat64(0, true)
      latitudeE7[row] = view.getInt32(8, true)
      longitudeE7[row] = view.getInt32(12, true)
      received++
    },
    received: () => received,
  }
}

/** One alert, stamped now. */
export function makeAlert(nowMs: number): Uint8Array {
  const bytes = new Uint8Array(alertBytes).fill(7)
  new DataView(bytes.buffer).setFloat64(0, nowMs, true)
  return bytes
}
