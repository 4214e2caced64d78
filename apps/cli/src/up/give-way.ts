import { writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'

/** Nice: the scheduler weighs it about a tenth of the others. */
const nice = 10

/**
 * Lets a process have what the others leave, for the tiers that are on no warning's path: on a machine of two cores they would else share
 * with the zones what a warning needs at once. With autogroups (a Linux kernel's own way to weigh sessions) the weight is the session's.
 */
export function giveWay(pid: number): void {
  const ways = [() => setPriority(pid, nice), () => writeFileSync(`/proc/${pid}/autogroup`, String(nice))]
  for (const way of ways) {
    try {
      way()
    } catch {
      // Not on this system, or not allowed to this user: then it runs as the others do, which is slower and not wrong.
    }
  }
}
