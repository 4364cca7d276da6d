export { type BackupToOptions, backupTo, type Failover, type WithDestinations } from './backup-to.js'
export { type MultiOptions, multi, withWholeLists } from './multi.js'
export type { DestinationReport, MultiDriver, Replica, Strategy, Warning } from './multi-driver.js'
export { type NotHealed, type RepairEvent, type RepairOptions, repair } from './repair.js'
export type { NamedDriver } from './replicas.js'
export { type Copy, type Survey, survey, type Whereabouts } from './survey.js'
export { type NotCopied, type SyncEvent, type SyncOptions, sync } from './sync.js'
export {
  locate,
  type VerifyReplicasOptions,
  verifyReplicas,
} from './verify-replicas.js'
