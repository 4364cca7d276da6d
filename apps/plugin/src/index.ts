export { BackupPlugin } from './backup-plugin.js'
export { openDriver } from './open-driver.js'
