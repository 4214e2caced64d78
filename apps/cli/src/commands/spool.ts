import { inspectSpool, nodeFiles, type SpoolDamage, SpoolError, type SpoolReport, type VerifyProgress, verifySpool } from '@outrider/spool'
import { Command } from 'commander'
import { CliError, exitCodes } from '../cli-error.js'

interface Options {
  readonly json?: true
}

/** `outrider spool inspect|verify DIR`: look into a log's folder. Neither changes anything, also while a writer is at work. */
export function spoolCommand(): Command {
  const group = new Command('spool').description(
    'look into a spool (a durable log in a folder); changes nothing, also while it is being written',
  )
  group
    .command('inspect')
    .description('show segments, sequences, cursor and torn tail')
    .argument('<dir>', "the spool's folder")
    .option('--json', 'print the report as JSON')
    .action(async (folder: string, { json }: Options) => {
      const report = await examined(inspectSpool({ folder, files: nodeFiles }))
      print(json === true ? JSON.stringify(report, undefined, 2) : describe(folder, report))
    })
  group
    .command('verify')
    .description('check every byte; exit code 1 if something is damaged, and where')
    .argument('<dir>', "the spool's folder")
    .option('--json', 'print the report as JSON')
    .action(async (folder: string, { json }: Options) => {
      const onProgress = progressLine()
      const report = await examined(verifySpool({ folder, files: nodeFiles, onProgress: onProgress.show })).finally(onProgress.clear)
      const isSound = report.damageCount === 0
      if (json === true) print(JSON.stringify(report, undefined, 2))
      else if (isSound) print(`${folder}: sound. ${counts(report)}${torn(report)}`)
      else print([...report.damage.map(damageLine), ...unlisted(report)].join('\n'))
      if (!isSound) {
        throw new CliError(
          exitCodes.failed,
          `${folder}: ${report.damageCount} damaged ${report.damageCount === 1 ? 'place' : 'places'}. All else can be read; the log starts and reports what is lost as gaps. Keep a copy of the folder if you want the damage looked into.`,
        )
      }
    })
  return group
}

async function examined(report: Promise<SpoolReport>): Promise<SpoolReport> {
  try {
    return await report
  } catch (error) {
    if (!(error instanceof SpoolError)) throw error
    if (error.code === 'no_spool') throw new CliError(exitCodes.usage, `${error.message} Name a spool's folder.`, { cause: error })
    const isInput = error.code === 'folder_foreign' || error.code === 'version_unsupported'
    throw new CliError(isInput ? exitCodes.usage : exitCodes.failed, error.message, { cause: error })
  }
}

function describe(folder: string, report: SpoolReport): string {
  const { watermark } = report
  const rows = report.segments.map(({ file, bytes, firstSequence, lastSequence, records, createdAtMs }) => [
    file,
    String(bytes),
    records === 0 ? '-' : `${firstSequence}-${lastSequence}`,
    String(records),
    createdAtMs === undefined ? 'unknown (header damaged)' : new Date(createdAtMs).toISOString(),
  ])
  return [
    `${folder}: epoch ${report.epoch}. ${counts(report)}`,
    `cursor ${report.cursor ?? 'damaged'} (drained through), synced through ${watermark?.syncedThrough ?? 'unknown: watermark damaged'}${torn(report)}`,
    '',
    ...table(['segment', 'bytes', 'sequences', 'records', 'created'], rows),
    ...(report.damageCount > 0
      ? ['', 'damage seen so far (verify checks every byte):', ...report.damage.map(damageLine), ...unlisted(report)]
      : []),
  ].join('\n')
}

function counts({ records, segments, bytes }: SpoolReport): string {
  return `${records} records in ${segments.length} ${segments.length === 1 ? 'segment' : 'segments'}, ${bytes} bytes.`
}

function torn({ tornBytes }: SpoolReport): string {
  return tornBytes === 0
    ? ''
    : ` The tail has ${tornBytes} bytes that are not synced: a live writer is about to, or the next start cuts them.`
}

function damageLine({ file, offset, byteCount, reason, lost }: SpoolDamage): string {
  const sequences =
    lost === undefined
      ? 'no record lost'
      : lost.first === lost.last
        ? `record ${lost.first} lost`
        : `records ${lost.first}-${lost.last} lost`
  return `${file} at byte ${offset}: ${byteCount} bytes, ${reason}, ${sequences}`
}

function unlisted({ damage, damageCount }: SpoolReport): string[] {
  return damageCount > damage.length ? [`and ${damageCount - damage.length} more`] : []
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map(row => row[column]?.length ?? 0)))
  return [head, ...rows].map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** A line on a terminal that says how far a long check is; silent elsewhere. */
function progressLine() {
  const { stderr } = process
  let shown = -1
  return {
    show({ bytesDone, bytesAll }: VerifyProgress) {
      const percent = Math.floor((100 * bytesDone) / Math.max(1, bytesAll))
      if (!stderr.isTTY || percent === shown) return
      shown = percent
      stderr.write(`\rchecking: ${percent} %`)
    },
    clear() {
      if (shown >= 0) stderr.write('\r\x1b[K')
    },
  }
}

function print(text: string) {
  process.stdout.write(`${text}\n`)
}
