// A real PostgreSQL server in a temporary folder, on a Unix socket of its own; it ends with the process that started it, however that ends.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'

export interface PostgresServer {
  /** URL of a database that is there. */
  readonly url: string
  stop(): Promise<void>
}

/** Debian keeps the server's programs off the PATH. */
const debianFolder = '/usr/lib/postgresql'

/** Folder of `postgres` and `initdb`; undefined if this machine has none. */
export function findPostgres(): string | undefined {
  const versions = existsSync(debianFolder) ? readdirSync(debianFolder).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), ...versions.map(version => path.join(debianFolder, version, 'bin'))]
  return folders.find(folder => existsSync(path.join(folder, 'postgres')) && existsSync(path.join(folder, 'initdb')))
}

export async function startPostgres(programs: string): Promise<PostgresServer> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'outrider-postgres-'))
  const user = ordinaryUser()
  if (user !== undefined) await chown(folder, user.uid, user.gid)
  const data = path.join(folder, 'data')
  const initdb = [
    path.join(programs, 'initdb'),
    '-D',
    data,
    '-A',
    'trust',
    '-U',
    'outrider',
    '-E',
    'UTF8',
    '--no-locale',
    '--no-sync',
  ] as const
  await promisify(execFile)(initdb[0], initdb.slice(1), { cwd: folder, ...user })
  const postgres = [path.join(programs, 'postgres'), '-D', data, '-k', folder, '-c', 'listen_addresses=', '-c', 'fsync=off']
  // The shell waits for its standard input to end, which it does when this process is gone, and then stops the server.
  const script = '"$@" & server=$!; cat >/dev/null; kill -INT $server; wait $server'
  const child = spawn('sh', ['-c', script, 'sh', ...postgres], { cwd: folder, stdio: ['pipe', 'ignore', 'pipe'], ...user })
  let errors = ''
  child.stderr.on('data', text => {
    errors += text
  })
  const exited = once(child, 'exit')
  const url = `postgres://outrider@/postgres?host=${encodeURIComponent(folder)}`
  await untilItAnswers(
    url,
    () => child.exitCode !== null,
    () => errors,
  )
  return {
    url,
    async stop() {
      child.stdin.end()
      await exited
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The same server's database of another name, made. */
export async function createDatabase(url: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`CREATE DATABASE ${name}`)
  await client.end()
  return url.replace('/postgres?', `/${name}?`)
}

/** The server refuses to run as root; any other user will do. */
function ordinaryUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  const line = ['postgres', 'nobody'].map(name => lines.find(each => each.startsWith(`${name}:`))).find(found => found !== undefined)
  const [, , uid, gid] = line?.split(':') ?? []
  if (uid === undefined || gid === undefined) throw new Error('PostgreSQL does not run as root, and there is no user postgres or nobody')
  return { uid: Number(uid), gid: Number(gid) }
}

async function untilItAnswers(url: string, isOver: () => boolean, errors: () => string): Promise<void> {
  const endMs = performance.now() + 60_000
  for (;;) {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      await client.end()
      return
    } catch (error) {
      if (isOver() || performance.now() > endMs) throw new Error(`PostgreSQL did not start: ${errors()}`, { cause: error })
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }
}
