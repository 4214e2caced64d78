import { serveCommands } from '../worker.js'
import { startBareServer } from './grpc-loop.js'

serveCommands({ listen: startBareServer })
