export { formatDrillReport, verifyDrillReport } from '@s3db-backup/plugin-adapter'
export { BackupPlugin } from './backup-plugin.js'
export { openDriver } from './open-driver.js'
