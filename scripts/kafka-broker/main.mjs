// A Kafka broker for a developer: node scripts/kafka-broker/main.mjs [--port 9092] [--data FOLDER] [--kafka 3.9.2] [--user NAME --password WORD]
// Runs until Ctrl-C. Without --data, the data goes with it. --user adds a second listener with TLS and SCRAM-SHA-512.
import { parseArgs } from 'node:util'
import { startBroker } from './broker.mjs'
import { kafkaVersion, missingForBroker } from './jars.mjs'

const say = text => process.stderr.write(`kafka-broker: ${text}\n`)
const text = { type: /** @type {const} */ ('string') }
try {
  const { values } = parseArgs({ options: { port: text, data: text, kafka: text, user: text, password: text } })
  const version = values.kafka ?? kafkaVersion
  const port = Number(values.port ?? 9092)
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Error(`--port is "${values.port}"; must be a port, 1 to 65535`)
  if ((values.user === undefined) !== (values.password === undefined)) throw new Error('--user and --password go together')
  const missing = missingForBroker(version)
  if (missing) throw new Error(`this machine lacks ${missing}`)
  const logins = values.user === undefined ? [] : [{ user: values.user, password: values.password }]
  const broker = await startBroker({ version, port, log: say, logins, ...(values.data === undefined ? {} : { folder: values.data }) })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => broker.stop().then(() => process.exit(0)))
  say(`Kafka ${version} is ready: KAFKA_BROKERS=${broker.address}   (Ctrl-C ends it${values.data === undefined ? ', data included' : ''})`)
  if (broker.tls)
    say(
      `with TLS and SCRAM-SHA-512: KAFKA_BROKERS=${broker.tls.address} KAFKA_TLS_CA=${broker.tls.certificate} KAFKA_SASL_MECHANISM=scram-sha-512`,
    )
} catch (error) {
  say(error.message)
  process.exitCode = 1
}
