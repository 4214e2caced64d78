import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Built entry files of the apps that commands start; each app is a process of its own and is never imported. */
const appMains = {
  bench: new URL('../../bench/dist/main.js', import.meta.url),
  central: new URL('../../central/dist/main.js', import.meta.url),
} as const

/** Runs an app in the foreground with `args`; resolves to its exit code (128 + n when a signal ended it, as shells count). */
export function runApp(app: keyof typeof appMains, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [fileURLToPath(appMains[app]), ...args], { stdio: 'inherit' })
    // The terminal sends Ctrl-C to both; the app decides how it ends, and this process waits for it.
    const ignore = () => undefined
    process.on('SIGINT', ignore)
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      process.off('SIGINT', ignore)
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143))
    })
  })
}
