import { z } from 'zod'
import { readSettings, type SettingProblem, type Settings, type SettingsResult } from './settings.js'

/** How to reach Kafka, complete and checked. Paths are for the app to read. */
export interface KafkaSettings {
  /** "host:port" each; undefined: no Kafka, the event log is files. */
  readonly brokers: readonly string[] | undefined
  readonly clientId: string
  /** Paths of PEM files; undefined: no TLS. */
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined
  readonly login: { readonly mechanism: SaslMechanism; readonly username: string; readonly password: string } | undefined
  /** Copies of each record, for topics we create. */
  readonly replication: number
}

const saslMechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const
type SaslMechanism = (typeof saslMechanisms)[number]

interface KafkaVariables {
  readonly brokers: readonly string[] | undefined
  readonly clientId: string
  readonly tls: boolean | undefined
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
  readonly mechanism: SaslMechanism | undefined
  readonly username: string | undefined
  readonly password: string | undefined
  readonly replication: number
}

const broker = z
  .string()
  .regex(/^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/)
  .refine(text => Number(text.slice(text.lastIndexOf(':') + 1)) <= 65535)

/** The environment variables of Kafka, in the order docs list them. */
export const kafkaSettings: Settings<KafkaVariables> = {
  brokers: {
    variable: 'KAFKA_BROKERS',
    type: z
      .string()
      .transform(text => text.split(',').map(each => each.trim()))
      .pipe(z.array(broker).min(1))
      .optional(),
    allowed: 'host:port, or several with commas between',
    why: 'Where to ask first for the cluster. Unset: the event log is files on this machine.',
  },
  clientId: {
    variable: 'KAFKA_CLIENT_ID',
    type: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,100}$/)
      .default('outrider'),
    allowed: '1 to 100 of letters, digits, ".", "_" and "-"',
    why: 'What the brokers’ logs and quotas call this process.',
  },
  tls: {
    variable: 'KAFKA_TLS',
    type: z
      .enum(['true', 'false'])
      .transform(text => text === 'true')
      .optional(),
    allowed: 'true or false',
    why: 'Talk TLS to the brokers. Unset: true if one of the KAFKA_TLS_ files is given.',
  },
  ca: {
    variable: 'KAFKA_TLS_CA',
    type: z.string().optional(),
    allowed: 'the path of a PEM file',
    why: 'The authorities the brokers’ certificates are checked against. Unset: the system’s.',
  },
  cert: {
    variable: 'KAFKA_TLS_CERT',
    type: z.string().optional(),
    allowed: 'the path of a PEM file',
    why: 'Our own certificate, where brokers ask for one. Goes with KAFKA_TLS_KEY.',
  },
  key: { variable: 'KAFKA_TLS_KEY', type: z.string().optional(), allowed: 'the path of a PEM file', why: 'The key of KAFKA_TLS_CERT.' },
  mechanism: {
    variable: 'KAFKA_SASL_MECHANISM',
    type: z
      .string()
      .transform(text => text.toLowerCase())
      .pipe(z.enum(saslMechanisms))
      .optional(),
    allowed: `one of ${saslMechanisms.join(', ')}`,
    why: 'How to log in. Unset: no login. Use plain with TLS only: it sends the password as it is.',
  },
  username: {
    variable: 'KAFKA_SASL_USERNAME',
    type: z.string().optional(),
    allowed: 'the user’s name',
    why: 'Goes with KAFKA_SASL_MECHANISM.',
  },
  password: {
    variable: 'KAFKA_SASL_PASSWORD',
    type: z.string().optional(),
    allowed: 'the user’s password',
    why: 'Goes with KAFKA_SASL_MECHANISM.',
    secret: true,
  },
  replication: {
    variable: 'OUTRIDER_KAFKA_REPLICATION',
    type: z.coerce.number().int().min(1).max(32767).default(3),
    allowed: 'a whole number, 1 to 32767, and no more than there are brokers',
    why: 'Copies of each record in the topics we create. 3: one broker may be down and another fail, and nothing is lost. A single broker needs 1.',
  },
}

/** Reads how to reach Kafka from an environment; besides each variable, what belongs together is checked. */
export function readKafkaSettings(environment: Readonly<Record<string, string | undefined>>): SettingsResult<KafkaSettings> {
  const read = readSettings(kafkaSettings, environment)
  if (!read.ok) return read
  const { brokers, clientId, replication, tls, ca, cert, key, mechanism, username, password } = read.value
  const problems: SettingProblem[] = []
  const need = (name: keyof KafkaVariables, because: keyof KafkaVariables) => {
    const { variable, allowed } = kafkaSettings[name]
    problems.push({ variable, text: `${variable} is unset; must be ${allowed}, as ${kafkaSettings[because].variable} is set` })
  }
  if (cert !== undefined && key === undefined) need('key', 'cert')
  if (key !== undefined && cert === undefined) need('cert', 'key')
  if (mechanism !== undefined && username === undefined) need('username', 'mechanism')
  if (mechanism !== undefined && password === undefined) need('password', 'mechanism')
  if (mechanism === undefined && username !== undefined) need('mechanism', 'username')
  if (mechanism === undefined && username === undefined && password !== undefined) need('mechanism', 'password')
  const files = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
  const filesGiven = Object.keys(files).length > 0
  if (tls === false && filesGiven) {
    const given = kafkaSettings[Object.keys(files)[0] as 'ca' | 'cert' | 'key'].variable
    problems.push({ variable: 'KAFKA_TLS', text: `KAFKA_TLS is "false"; must be true or unset, as ${given} is set` })
  }
  if (problems.length > 0) return { ok: false, problems }
  const login = mechanism && { mechanism, username: username!, password: password! }
  return { ok: true, value: Object.freeze({ brokers, clientId, replication, tls: (tls ?? filesGiven) ? files : undefined, login }) }
}
