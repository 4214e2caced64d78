// A page with a vehicle in it, as an application would write it; Vite bundles it for the browser. The test looks at `window.vehicle`.
import { connect } from '@outrider/sdk'

const metresPerDegree = 111_195
const seen = { tokenReasons: [], texts: [], ended: [], links: [] }
let vehicle
let driving

window.vehicle = {
  /** Connects, and drives north from `south` metres below the middle at 5 m/s, a sample every 100 ms. */
  async start({ url, latitude, longitude, south, connectTimeoutMs }) {
    vehicle = await connect({
      url,
      connectTimeoutMs,
      token: reason => {
        seen.tokenReasons.push(reason)
        return window.issueToken(reason)
      },
      onEvent: event => {
        if (event.event === 'link_welcomed') seen.links.push(event.node)
        if (event.event === 'link_ended') seen.links.push(event.code)
      },
    })
    const startedAtMs = performance.now()
    const drive = () => {
      const north = ((performance.now() - startedAtMs) / 1_000) * 5 - south
      vehicle.report({ latitude: latitude + north / metresPerDegree, longitude, speedMps: 5, headingDeg: 0 })
    }
    drive()
    driving = setInterval(drive, 100)
    void take()
    void takeEnds()
  },
  state: () => ({ ...seen, isConnected: vehicle?.isConnected, stats: vehicle?.stats, clockOffset: vehicle?.clockOffset }),
  reportObstacle: async () => (await vehicle.report({ observations: [{ cause: 10, source: 'driver' }] }).outcome).kind,
  async close() {
    clearInterval(driving)
    await vehicle.close()
  },
}

async function take() {
  for await (const alert of vehicle.alerts()) {
    seen.texts.push(alert.text('de'))
    document.body.textContent = alert.text('de')
    alert.shown()
  }
  seen.texts.push('over')
}

async function takeEnds() {
  for await (const { reason } of vehicle.ends()) seen.ended.push(reason)
}
