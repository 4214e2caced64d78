import type { Child } from './child.js'

/**
 * When each is killed after Ctrl-C if it has not stopped by then: all of it within 5 s. What is accepted is on disk before that, so that a
 * kill costs nothing but time at the next start.
 */
const killAfterMs = { simulator: 2_500, edge: 3_500, region: 4_200, central: 4_700 } as const
type Stage = keyof typeof killAfterMs

/** Vehicles first, then from the zone to central, so that each tier can still pass on what it has. Says of each that did not end well how it did. */
export async function stopChildren(children: readonly Child[]): Promise<string[]> {
  const beganAtMs = performance.now()
  const said: string[] = []
  for (const stage of Object.keys(killAfterMs) as Stage[]) {
    const members = children.filter(({ name, hasEnded }) => !hasEnded && stageOf(name) === stage)
    const leftMs = Math.max(0, killAfterMs[stage] - (performance.now() - beganAtMs))
    for (const { name, code, signal } of await Promise.all(members.map(child => child.stop(leftMs)))) {
      if (signal === 'SIGKILL') said.push(`${name} did not stop in time and was killed; what it accepted is on disk`)
      // SIGTERM: it had not begun to serve.
      else if (code !== 0 && signal !== 'SIGTERM') said.push(`${name} did not stop cleanly (exit code ${code}); its log says why`)
    }
  }
  return said
}

function stageOf(name: string): Stage {
  return (Object.keys(killAfterMs) as Stage[]).find(stage => name.startsWith(stage))!
}
