import { Command } from 'commander'
import { type DeadLetter, decodedView, originText } from '../dead-letter.js'
import { type LogOptions, lettersById, withLog, withLogOptions } from '../dead-letter-log.js'
import { printable } from '../printable.js'

/** A person reads no more hex than this; `--json` has all bytes. */
const hexBytesMax = 4_096
const laneNames: Readonly<Record<string, string>> = { 1: 'urgent', 2: 'telemetry' }

/** `outrider dead-letters show ID` */
export function showCommand(): Command {
  return withLogOptions(
    new Command('show').description('print a dead letter: why it is there, where it came from, decoded as far as it goes, and its bytes'),
  )
    .argument('<id>', 'partition:offset, as list shows it')
    .action((id: string, options: LogOptions) =>
      withLog(options, async log => {
        const [letter] = await lettersById(log, [id])
        process.stdout.write(options.json ? `${JSON.stringify(asJson(letter!))}\n` : describe(letter!))
      }),
    )
}

function asJson({ value, origin, ...letter }: DeadLetter) {
  const headers = Object.fromEntries(Object.entries(origin.headers).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]))
  return {
    ...letter,
    origin: { ...origin, headers },
    decoded: decodedView(value) ?? null,
    value: value && Buffer.from(value).toString('base64'),
  }
}

function describe({ id, writtenAtMs, reason, detail, origin, value, isCut }: DeadLetter): string {
  const decoded = decodedView(value)
  const { record } = origin
  const lines = [
    `letter    ${id}, written ${new Date(writtenAtMs).toISOString()}`,
    `reason    ${reason}${detail === '' ? '' : `: ${detail}`}`,
    `from      ${originText(origin)}${origin.key === '' ? '' : `, key ${origin.key}`}, of ${new Date(origin.timeMs).toISOString()}`,
  ]
  if (record !== undefined)
    lines.push(
      `record    node ${record.node}, lane ${laneNames[record.lane] ?? record.lane}, epoch ${record.epoch}, sequence ${record.sequence}`,
    )
  lines.push('', ...(decoded === undefined ? ['The bytes are no message Record.'] : JSON.stringify(decoded, undefined, 2).split('\n')), '')
  if (value === null) lines.push('It has no bytes.')
  else lines.push(`${value.length} bytes${isCut ? ', cut: the record was longer than the event log takes' : ''}:`, ...hexLines(value))
  // Anybody who may write to the event log chose these words.
  return `${lines.map(printable).join('\n')}\n`
}

function hexLines(value: Uint8Array): string[] {
  const lines: string[] = []
  for (let at = 0; at < Math.min(value.length, hexBytesMax); at += 16) {
    const row = Buffer.from(value.subarray(at, at + 16))
    const text = row.toString('latin1').replace(/[^ -~]/g, '.')
    lines.push(`${at.toString(16).padStart(6, '0')}  ${(row.toString('hex').match(/../g) ?? []).join(' ').padEnd(47)}  ${text}`)
  }
  if (value.length > hexBytesMax) lines.push(`and ${value.length - hexBytesMax} more; --json has all`)
  return lines
}
