import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Built entry files of the apps that commands start; each app is a process of its own and is never imported. */
const appMains = {
  bench: new URL('../../bench/dist/main.js', import.meta.url),
  central: new URL('../../central/dist/main.js', import.meta.url),
  edge: new URL('../../edge/dist/main.js', import.meta.url),
  region: new URL('../../region/dist/main.js', import.meta.url),
  simulator: new URL('../../simulator/dist/main.js', import.meta.url),
} as const

export type AppName = keyof typeof appMains

/** Path of an app's built entry file. */
export function appMain(app: AppName): string {
  return fileURLToPath(appMains[app])
}

/**
 * Runs an app in the foreground; resolves to its exit code (128 + n when a signal ended it, as shells count).
 * @param environment laid over this process's own
 */
export function runApp(app: AppName, args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [appMain(app), ...args], { stdio: 'inherit', env: { ...process.env, ...environment } })
    // The terminal sends Ctrl-C to both; the app decides how it ends, and this process waits for it. The rest comes to this one alone.
    const ignore = () => undefined
    const pass = (signal: NodeJS.Signals) => child.kill(signal)
    process.on('SIGINT', ignore).on('SIGTERM', pass).on('SIGHUP', pass)
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      process.off('SIGINT', ignore).off('SIGTERM', pass).off('SIGHUP', pass)
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143))
    })
  })
}
