import type { Scenario } from './scenario.js'
import { connected } from './scenarios/connected.js'
import { decode } from './scenarios/decode.js'
import { embeddedEventLog, kafkaEventLog } from './scenarios/event-log.js'
import { fanout } from './scenarios/fanout.js'
import { geofence } from './scenarios/geofence.js'
import { grpc } from './scenarios/grpc.js'
import { ingest } from './scenarios/ingest.js'
import { recipients } from './scenarios/recipients.js'
import { spool } from './scenarios/spool.js'
import { warnAll } from './scenarios/warn-all.js'

/** Every scenario there is, in the order `bench all` runs them. */
export const scenarios: readonly Scenario[] = [
  decode,
  geofence,
  recipients,
  spool,
  embeddedEventLog,
  kafkaEventLog,
  ingest,
  connected,
  fanout,
  warnAll,
  grpc,
]
