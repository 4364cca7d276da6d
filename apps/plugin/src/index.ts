export { BackupPlugin } from './backup-plugin.js'
