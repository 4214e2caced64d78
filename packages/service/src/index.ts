export type { Setting, SettingProblem, Settings, SettingsResult } from './settings.js'
export { readSettings } from './settings.js'
