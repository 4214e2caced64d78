import type { Scenario } from './scenario.js'
import { decode } from './scenarios/decode.js'
import { embeddedEventLog, kafkaEventLog } from './scenarios/event-log.js'
import { fanout } from './scenarios/fanout.js'
import { grpc } from './scenarios/grpc.js'
import { ingest } from './scenarios/ingest.js'
import { spool } from './scenarios/spool.js'
import { warnAll } from './scenarios/warn-all.js'

/** Every scenario there is, in the order `bench all` runs them. */
export const scenarios: readonly Scenario[] = [decode, spool, embeddedEventLog, kafkaEventLog, ingest, fanout, warnAll, grpc]
