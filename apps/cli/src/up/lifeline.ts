// Loaded into each child before its app (node --import): standard input is a pipe from `outrider up`, and its end means that the command is
// gone, however it went. Then the app stops as it does on SIGTERM, and nothing is left running without anybody to stop it.
process.stdin.on('end', () => process.kill(process.pid, 'SIGTERM')).on('error', () => process.kill(process.pid, 'SIGTERM'))
process.stdin.resume()
process.stdin.unref()
