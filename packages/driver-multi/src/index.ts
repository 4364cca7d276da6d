export { type BackupToOptions, backupTo, type Failover } from './backup-to.js'
export { type MultiOptions, multi, withWholeLists } from './multi.js'
export type { DestinationReport, MultiDriver, Replica, Strategy, Warning } from './multi-driver.js'
export type { NamedDriver } from './replicas.js'
