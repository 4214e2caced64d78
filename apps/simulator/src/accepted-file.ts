// The reports that nodes acknowledged as durable, one JSON line each, {"vehicle": pseudonym, "number": …, "urgent": …}: what must be found
// behind the nodes afterwards. A vehicle's SDK starts once a run, so the two name a report.
import { createWriteStream } from 'node:fs'
import type { VehicleEvent } from '@outrider/sdk'

export interface AcceptedFile {
  /** A vehicle presents this token from now on. */
  presents(vehicle: string, token: string): void
  event(vehicle: string, event: VehicleEvent): void
  /** Resolves when all is in the file. @throws Error if it could not be written */
  close(): Promise<void>
}

/** Begins it anew. */
export function createAcceptedFile(path: string): AcceptedFile {
  const file = createWriteStream(path)
  let failure: Error | undefined
  file.on('error', error => {
    failure = error
  })
  /** By vehicle; as many as the run had. */
  const pseudonyms = new Map<string, string>()
  return {
    presents: (vehicle, token) => void pseudonyms.set(vehicle, pseudonymOf(token)),
    event(vehicle, event) {
      if (event.event !== 'report_decided' || event.outcome.kind !== 'accepted') return
      const { number, isUrgent } = event
      // Nobody waits for the disk: a line is 60 bytes, a thousand vehicles write some hundred a second.
      file.write(`${JSON.stringify({ vehicle: pseudonyms.get(vehicle), number, urgent: isUrgent })}\n`)
    },
    async close() {
      await new Promise<void>(resolve => file.end(() => resolve()))
      if (failure !== undefined) throw failure
    },
  }
}

/** The subject of a token the issuer made. */
function pseudonymOf(token: string): string {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { readonly sub: string }
  return claims.sub
}
