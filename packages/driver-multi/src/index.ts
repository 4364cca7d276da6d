export { type MultiOptions, multi, withWholeLists } from './multi.js'
export type { DestinationReport, MultiDriver, Replica, Strategy, Warning } from './multi-driver.js'
export { type BackupToOptions, backupTo, type Failover, type WithDestinations } from './replicas/backup-to.js'
export { type NotHealed, type RepairEvent, type RepairOptions, repair } from './replicas/repair.js'
export { type NotCopied, type SyncEvent, type SyncOptions, sync } from './replicas/sync.js'
export {
  locate,
  type VerifyReplicasOptions,
  verifyReplicas,
} from './replicas/verify-replicas.js'
export type { NamedDriver } from './states/name-replicas.js'
export { type Presence, presence } from './states/presence.js'
export { type Copy, type Survey, survey, type Whereabouts } from './states/survey.js'
