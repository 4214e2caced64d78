import { readSettings } from '@outrider/service'
import { composeReplay } from './compose-replay.js'
import { replaySettings } from './replay-settings.js'
import { runApp } from './run-app.js'

await runApp('replay', readSettings(replaySettings, process.env), (settings, ports) => composeReplay({ settings, ...ports }))
