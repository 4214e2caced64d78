import { readSettings } from '@outrider/service'
import { composeSimulator } from './compose-simulator.js'
import { runApp } from './run-app.js'
import { simulatorSettings } from './settings.js'

await runApp('simulator', readSettings(simulatorSettings, process.env), (settings, ports) => composeSimulator({ settings, ...ports }))
