// A real Kafka broker for tests and developers: one node on free loopback ports, ready when it answers, gone when we are.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import readline from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brokerJars, javaTool, kafkaVersion } from './jars.mjs'

const run = promisify(execFile)
const here = path.dirname(fileURLToPath(import.meta.url))
const keystorePassword = 'loopback-only'
const readyWithinMs = 90_000
/** A free port may be taken between our look and the broker's bind; then others are tried. */
const portAttemptsMax = 3

/**
 * @typedef {object} BrokerOptions
 * @property {string} [version] of Kafka; default KAFKA_VERSION, else 4.4.0
 * @property {string} [folder] keeps the data here; default a temporary folder, removed at the end
 * @property {number} [port] of the plain listener; default a free one
 * @property {number} [advertisedPort] what clients are told to connect to (a proxy's port); default the port
 * @property {{user: string, password: string}[]} [logins] adds a listener with TLS and SCRAM-SHA-512; only the first user has any rights
 * @property {(text: string) => void} [log] lines for a person
 */

/**
 * Starts a broker and waits until it answers.
 * @param {BrokerOptions} [options]
 * @returns {Promise<Broker>}
 */
export async function startBroker(options = {}) {
  const { version = kafkaVersion, log = () => {} } = options
  const jars = await brokerJars(version, log)
  const folder = options.folder ?? mkdtempSync(path.join(os.tmpdir(), 'kafka-broker-'))
  mkdirSync(folder, { recursive: true })
  for (let attempt = 1; ; attempt++) {
    const broker = await prepare({ ...options, folder, removed: options.folder === undefined, jars })
    try {
      await broker.start()
      return broker
    } catch (error) {
      if (attempt >= portAttemptsMax || !/Address already in use/.test(error.message)) {
        await broker.stop()
        throw error
      }
    }
  }
}

/** Writes the configuration, formats the folder on first use, and returns the broker, not yet started. */
async function prepare({ folder, removed, jars, port, advertisedPort, logins = [] }) {
  const secure = logins.length > 0
  const brokerPort = port === undefined ? await freePort() : await ensureFree(port)
  const controllerPort = await freePort()
  const tlsPort = secure ? await freePort() : undefined
  const properties = {
    '@PORT@': brokerPort,
    '@ADVERTISED@': advertisedPort ?? brokerPort,
    '@CONTROLLER_PORT@': controllerPort,
    '@DATA@': path.join(folder, 'data'),
    '@TLS_LISTENER@': secure ? `,CLIENT://127.0.0.1:${tlsPort}` : '',
    '@FOLDER@': folder,
    '@USER@': logins[0]?.user ?? '',
    '@KEYSTORE_PASSWORD@': keystorePassword,
  }
  const template =
    readFileSync(path.join(here, 'server.properties'), 'utf8') + (secure ? readFileSync(path.join(here, 'tls.properties'), 'utf8') : '')
  const configuration = path.join(folder, 'server.properties')
  writeFileSync(
    configuration,
    Object.entries(properties).reduce((text, [name, value]) => text.replaceAll(name, String(value)), template),
  )
  const certificate = secure ? await selfSigned(folder) : undefined
  const java = [
    `-Dlog4j2.configurationFile=${path.join(here, 'log4j2.properties')}`,
    `-Dkafka.logs.dir=${folder}`,
    '-XX:TieredStopAtLevel=1',
    '-XX:+UseSerialGC',
    '-Djava.awt.headless=true',
    '-Xmx512m',
    '-cp',
    path.join(jars, '*'),
  ]
  if (!existsSync(path.join(folder, 'data', 'meta.properties'))) {
    const scram = logins.flatMap(({ user, password }) => ['--add-scram', `SCRAM-SHA-512=[name=${user},password=${password}]`])
    await run(javaTool('java'), [
      ...java,
      'kafka.tools.StorageTool',
      'format',
      '-t',
      'MkU3OEVBNTcwNTJENDM2Qg',
      '-c',
      configuration,
      ...scram,
    ])
  }
  return createBroker({
    folder,
    removed,
    port: brokerPort,
    tls: secure ? { port: tlsPort, certificate } : undefined,
    command: [javaTool('java'), ...java, 'kafka.Kafka', configuration],
  })
}

/** @typedef {ReturnType<typeof createBroker>} Broker */

/** @param {{folder: string, removed: boolean, port: number, tls: {port: number, certificate: string} | undefined, command: string[]}} options */
function createBroker({ folder, removed, port, tls, command }) {
  const logFile = path.join(folder, 'broker.log')
  const logDescriptor = openSync(logFile, 'a')
  const keeper = spawn(process.execPath, [path.join(here, 'keeper.mjs'), removed ? folder : '', ...command], {
    stdio: ['pipe', 'pipe', logDescriptor],
  })
  closeSync(logDescriptor)
  keeper.stdin.on('error', () => {}) // the keeper is gone; its exit is what we look at
  /** @type {number | undefined} */
  let pid
  let exit = 'not started'
  readline.createInterface({ input: keeper.stdout }).on('line', line => {
    const [word, ...rest] = line.split(' ')
    if (word === 'pid') pid = Number(rest[0])
    else {
      pid = undefined
      exit = rest.join(' ')
    }
    keeper.emit('changed')
  })

  /** @param {NodeJS.Signals} signal */
  function signal(signal) {
    if (pid === undefined) throw new Error(`the broker is not running (${exit})`)
    process.kill(pid, signal)
  }

  return {
    /** Address of the plain listener, as KAFKA_BROKERS takes it. */
    address: `127.0.0.1:${port}`,
    /** Address and certificate file (its own authority) of the listener with TLS and SCRAM-SHA-512. */
    tls: tls && { address: `127.0.0.1:${tls.port}`, certificate: tls.certificate },
    logFile,
    get pid() {
      return pid
    },
    /** Starts it, or starts it again after `kill`; resolves when it answers. */
    async start() {
      const changed = once(keeper, 'changed')
      keeper.stdin.write('start\n')
      await changed
      const giveUpAtMs = Date.now() + readyWithinMs
      while (!(await answers(port))) {
        if (pid === undefined || Date.now() > giveUpAtMs)
          throw new Error(
            `Kafka did not start (${pid === undefined ? exit : 'no answer'}); its log ends:\n${readFileSync(logFile, 'utf8').slice(-3000)}`,
          )
        await sleep(50)
      }
    },
    /** kill -9; resolves when the process is gone. */
    async kill() {
      const changed = once(keeper, 'changed')
      signal('SIGKILL')
      await changed
    },
    /** SIGSTOP: connections stay open and nothing answers. */
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    /** Ends it and removes a temporary folder. Safe to call twice. */
    async stop() {
      if (keeper.exitCode !== null || keeper.signalCode !== null) return
      const exited = once(keeper, 'exit')
      keeper.stdin.end()
      await exited
    },
  }
}

/** A key and a certificate of its own for 127.0.0.1, by Java's keytool; returns the certificate's file (PEM). */
async function selfSigned(folder) {
  const keystore = path.join(folder, 'keystore.p12')
  const certificate = path.join(folder, 'certificate.pem')
  const store = ['-keystore', keystore, '-storetype', 'PKCS12', '-storepass', keystorePassword, '-alias', 'broker']
  if (!existsSync(keystore)) {
    const subject = ['-dname', 'CN=localhost', '-ext', 'san=dns:localhost,ip:127.0.0.1', '-ext', 'bc:critical=ca:true']
    await run(javaTool('keytool'), ['-genkeypair', ...store, '-keyalg', 'EC', '-groupname', 'secp256r1', '-validity', '30', ...subject])
  }
  await run(javaTool('keytool'), ['-exportcert', '-rfc', ...store, '-file', certificate])
  return certificate
}

/** Kafka's own question for what it can do (ApiVersions): an open port alone is not a broker that answers. */
function answers(port) {
  return new Promise(resolve => {
    const socket = net.connect(port, '127.0.0.1')
    const done = answered => {
      socket.destroy()
      resolve(answered)
    }
    socket.setTimeout(1000, () => done(false))
    socket.on('error', () => done(false)).on('end', () => done(false))
    // length 11, api key 18, version 0, correlation 1, client id "p"
    socket.on('connect', () => socket.write(Buffer.from([0, 0, 0, 11, 0, 18, 0, 0, 0, 0, 0, 1, 0, 1, 0x70])))
    socket.on('data', () => done(true))
  })
}

/** @returns {Promise<number>} a loopback port nobody listened on just now */
export function freePort() {
  return ensureFree(0)
}

/** A broker already on our port would answer in place of ours, so whether it is free is looked at first. */
async function ensureFree(wanted) {
  const server = net.createServer().listen(wanted, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
