export type { KafkaSettings } from './kafka-settings.js'
export { kafkaSettings, readKafkaSettings } from './kafka-settings.js'
export type { Setting, SettingProblem, Settings, SettingsResult } from './settings.js'
export { readSettings } from './settings.js'
