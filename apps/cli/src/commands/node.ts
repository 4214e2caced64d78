// `outrider edge`, `region`, `central`: one node in the foreground. The app reads its environment; a flag is a variable's short name.
import { Command } from 'commander'
import { type AppName, runApp } from '../app-process.js'
import { centralRebuildCommand } from './central-rebuild.js'

interface NodeCommand {
  readonly name: AppName
  readonly description: string
  /** Flag, what it is for, and the variable it sets. */
  readonly flags: readonly (readonly [string, string, string])[]
}

const tls = [
  ['--ca <file>', 'ca.pem of the authority', 'OUTRIDER_TLS_CA'],
  ['--cert <file>', 'own certificate', 'OUTRIDER_TLS_CERT'],
  ['--key <file>', 'key of the certificate', 'OUTRIDER_TLS_KEY'],
] as const
const insecure = ['--insecure', 'run without keys, for development only', 'OUTRIDER_INSECURE'] as const
const logLevel = ['--log-level <level>', 'debug, info, warn, error or silent', 'OUTRIDER_LOG_LEVEL'] as const

const nodes: readonly NodeCommand[] = [
  {
    name: 'edge',
    description: 'run one edge node: vehicles connect to it',
    flags: [
      ['--name <name>', 'which node of the zone table', 'OUTRIDER_EDGE_NAME'],
      ['--data <dir>', 'its logs', 'OUTRIDER_EDGE_DATA'],
      ['--zones <file>', 'the zone table', 'OUTRIDER_EDGE_ZONES'],
      ['--host <address>', 'where vehicles connect', 'OUTRIDER_EDGE_HOST'],
      ['--port <port>', 'WebSocket and public HTTP', 'OUTRIDER_EDGE_PORT'],
      ['--admin-port <port>', 'metrics and details', 'OUTRIDER_EDGE_ADMIN_PORT'],
      ['--region <host:port>', 'gRPC of its region; without, it is an island', 'OUTRIDER_EDGE_REGION'],
      ['--keys <file>', 'jwks.json: keys that verify vehicles’ tokens', 'OUTRIDER_EDGE_KEYS'],
      ...tls,
      insecure,
      logLevel,
    ],
  },
  {
    name: 'region',
    description: 'run one region: it links its zones',
    flags: [
      ['--name <name>', 'who it is', 'OUTRIDER_REGION_NAME'],
      ['--data <dir>', 'its log', 'OUTRIDER_REGION_DATA'],
      ['--zones <file>', 'the zone table', 'OUTRIDER_REGION_ZONES'],
      ['--host <address>', 'where gRPC listens', 'OUTRIDER_REGION_HOST'],
      ['--port <port>', 'gRPC: uplink and services', 'OUTRIDER_REGION_PORT'],
      ['--admin-port <port>', 'health and metrics', 'OUTRIDER_REGION_ADMIN_PORT'],
      ['--event-log <dir>', 'the embedded event log, where KAFKA_BROKERS is unset', 'OUTRIDER_EVENT_LOG'],
      ...tls,
      insecure,
      logLevel,
    ],
  },
  {
    name: 'central',
    description: 'run the central services: they store and open it all',
    flags: [
      ['--name <name>', 'who it is', 'OUTRIDER_CENTRAL_NAME'],
      ['--data <dir>', 'the embedded store, where DATABASE_URL is unset', 'OUTRIDER_CENTRAL_DATA'],
      ['--host <address>', 'where the open API listens', 'OUTRIDER_CENTRAL_HOST'],
      ['--port <port>', 'the open API', 'OUTRIDER_CENTRAL_PORT'],
      ['--admin-port <port>', 'health and metrics', 'OUTRIDER_CENTRAL_ADMIN_PORT'],
      ['--event-log <dir>', 'the embedded event log, where KAFKA_BROKERS is unset', 'OUTRIDER_EVENT_LOG'],
      logLevel,
    ],
  },
]

/** The commands that run a single node. */
export function nodeCommands(): Command[] {
  return nodes.map(node => (node.name === 'central' ? nodeCommand(node).addCommand(centralRebuildCommand()) : nodeCommand(node)))
}

function nodeCommand({ name, description, flags }: NodeCommand): Command {
  const command = new Command(name)
    .description(description)
    .usage('[options]')
    .helpOption(false)
    .option('-h, --help', 'print help, and every setting of the environment with its default')
  for (const [flag, purpose, variable] of flags) command.option(flag, `${purpose} (${variable})`)
  return command.action(async (options: Readonly<Record<string, string | true>>) => {
    if (options.help) {
      process.stdout.write(`${command.helpInformation()}\nSettings of the environment (default), under the flags where both are given:\n`)
      process.exitCode = await runApp(name, ['--settings'])
      return
    }
    const given = command.options.flatMap((option, index) => {
      const value = options[option.attributeName()]
      // The first option is --help.
      return value === undefined || index === 0 ? [] : [[flags[index - 1]![2], value === true ? '1' : value] as const]
    })
    process.exitCode = await runApp(name, [], Object.fromEntries(given))
  })
}
