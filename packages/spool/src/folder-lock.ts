/*
 * One writer per folder, without a lock of the kernel (Node has none): announce, then look. A writer makes a file that names it, then
 * lists the folder. If another live process is announced it withdraws; files of processes that are gone it removes. Of two who announce
 * at once at least one sees the other, so never both go on. A process is named by pid and start time, so a pid used again is no owner.
 * Works for processes that see each other's pids: a folder must not be shared between machines or containers.
 */
import { open, readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { errnoOf, type FolderLockResult } from './files.js'

const lockPattern = /^writer\.(\d+)\.(\w+)\.lock$/

export async function lockFolder(folder: string): Promise<FolderLockResult> {
  const own = `writer.${process.pid}.${(await startOf(process.pid)) ?? 'unknown'}.lock`
  const ownPath = path.join(folder, own)
  try {
    const file = await open(ownPath, 'wx')
    await file.close()
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return { locked: false, pid: process.pid }
    throw error
  }
  let takenOverFromPid: number | undefined
  try {
    for (const name of await readdir(folder)) {
      const [, pidText, start] = lockPattern.exec(name) ?? []
      if (pidText === undefined || name === own) continue
      const pid = Number(pidText)
      if (isAlive(pid) && (await startOf(pid)) === (start === 'unknown' ? undefined : start)) {
        await rm(ownPath)
        return { locked: false, pid }
      }
      await rm(path.join(folder, name), { force: true })
      takenOverFromPid = pid
    }
  } catch (error) {
    await rm(ownPath, { force: true })
    throw error
  }
  return { locked: true, takenOverFromPid, release: () => rm(ownPath, { force: true }) }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errnoOf(error) === 'EPERM'
  }
}

/** When a process started, in the kernel's ticks, with the boot they count from; `undefined` where the system does not say. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const [stat, boot] = await Promise.all([readFile(`/proc/${pid}/stat`, 'latin1'), readFile('/proc/sys/kernel/random/boot_id', 'latin1')])
    // The second field is the program's name in brackets, which may hold anything; the start is the 22nd.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    return `${boot.slice(0, 8)}_${ticks}`
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return undefined
    throw error
  }
}
