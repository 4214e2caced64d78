import type { Scenario } from './scenario.js'
import { decode } from './scenarios/decode.js'
import { fanout } from './scenarios/fanout.js'
import { grpc } from './scenarios/grpc.js'
import { ingest } from './scenarios/ingest.js'

/** Every scenario there is, in the order `bench all` runs them. */
export const scenarios: readonly Scenario[] = [decode, ingest, fanout, grpc]
