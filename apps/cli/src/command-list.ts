import type { Command } from 'commander'
import type { Session } from './session.js'

/** Gives a command its options, and what it does. */
type Define = (command: Command, session: Session) => void

interface Listed {
  readonly name: string
  readonly alias?: string | undefined
  /** Its arguments. */
  readonly takes: string
  readonly does: string
  /** Loads what it is and does, with all that it needs. */
  load(): Promise<Define>
}

/** The commands as help lists them. */
export const commands: readonly Listed[] = [
  {
    name: 'init',
    takes: '',
    does: 'ask a few questions, write a configuration file and test it',
    load: async () => (await import('./commands/init.js')).initCommand,
  },
  {
    name: 'backup',
    takes: '[type]',
    does: 'make a backup',
    load: async () => (await import('./commands/backup/backup.js')).backupCommand,
  },
  {
    name: 'shard',
    takes: '<action> [id]',
    does: 'make or restore one backup with many processes: plan, run, commit, ...',
    load: async () => (await import('./commands/shard/shard.js')).shardCommand,
  },
  {
    name: 'worker',
    takes: '',
    does: 'keep running and process shards of backups from a queue in Redis',
    load: async () => (await import('./commands/shard/worker.js')).workerCommand,
  },
  {
    name: 'restore',
    takes: '<id>',
    does: 'restore a backup into a database',
    load: async () => (await import('./commands/restore/restore.js')).restoreCommand,
  },
  {
    name: 'recover',
    takes: '',
    does: 'restore an earlier state of the database from the versions in its bucket',
    load: async () => (await import('./commands/past/recover.js')).recoverCommand,
  },
  {
    name: 'undo',
    takes: '',
    does: 'undo the changes and deletions made since a time',
    load: async () => (await import('./commands/past/undo.js')).undoCommand,
  },
  {
    name: 'list',
    alias: 'ls',
    takes: '[id]',
    does: 'list the backups, newest first, or the resources of one',
    load: async () => (await import('./commands/list.js')).listCommand,
  },
  {
    name: 'show',
    takes: '<id>',
    does: 'show what a backup contains: its resources and files',
    load: async () => (await import('./commands/show.js')).showCommand,
  },
  {
    name: 'cat',
    takes: '<id> <resource>',
    does: 'print the records of a resource straight from a backup',
    load: async () => (await import('./commands/records/cat.js')).catCommand,
  },
  {
    name: 'find',
    takes: '<record>',
    does: 'find a record in all backups',
    load: async () => (await import('./commands/records/find.js')).findCommand,
  },
  {
    name: 'history',
    takes: '<resource> <record>',
    does: 'show the backups in which a record appeared, changed or disappeared',
    load: async () => (await import('./commands/records/history.js')).historyCommand,
  },
  {
    name: 'query',
    takes: '[id] <sql>',
    does: 'run SQL over a backup',
    load: async () => (await import('./commands/records/query.js')).queryCommand,
  },
  {
    name: 'export',
    takes: '<id>',
    does: 'write the resources of a backup to Parquet, CSV or JSON lines',
    load: async () => (await import('./commands/records/export.js')).exportCommand,
  },
  {
    name: 'verify',
    takes: '[id]',
    does: 'check a backup: every byte, every record, or a restore',
    load: async () => (await import('./commands/verify.js')).verifyCommand,
  },
  {
    name: 'diff',
    takes: '<from> [to]',
    does: 'show which records differ between two backups, or a backup and the database',
    load: async () => (await import('./commands/records/diff.js')).diffCommand,
  },
  {
    name: 'consolidate',
    takes: '<id>',
    does: 'merge a chain of incremental backups into a new full one',
    load: async () => (await import('./commands/consolidate.js')).consolidateCommand,
  },
  {
    name: 'delete',
    alias: 'rm',
    takes: '<id>',
    does: 'delete a backup',
    load: async () => (await import('./commands/deletion.js')).deleteCommand,
  },
  {
    name: 'undelete',
    takes: '<id>',
    does: 'bring back a deleted backup within its grace time, and those it needs',
    load: async () => (await import('./commands/deletion.js')).undeleteCommand,
  },
  {
    name: 'prune',
    takes: '',
    does: 'show which backups a retention policy deletes; --apply deletes them',
    load: async () => (await import('./commands/prune.js')).pruneCommand,
  },
  {
    name: 'purge',
    takes: '',
    does: 'permanently remove deleted backups whose grace time has passed',
    load: async () => (await import('./commands/deletion.js')).purgeCommand,
  },
  {
    name: 'schedule',
    takes: '',
    does: 'keep running and make the scheduled backups and drills',
    load: async () => (await import('./commands/schedule.js')).scheduleCommand,
  },
  {
    name: 'ui',
    takes: '',
    does: 'serve a page on this machine that shows the backups',
    load: async () => (await import('./commands/ui.js')).uiCommand,
  },
  {
    name: 'keygen',
    takes: '',
    does: 'make a random key to encrypt backups with',
    load: async () => (await import('./commands/keys.js')).keygenCommand,
  },
  {
    name: 'rotate-key',
    takes: '[id]',
    does: 'add a new key to an encrypted backup, its chain or all backups',
    load: async () => (await import('./commands/rotate-key.js')).rotateKeyCommand,
  },
  {
    name: 'check-driver',
    takes: '[driver]',
    does: 'test a driver against the driver contract, on your own storage',
    load: async () => (await import('./commands/check-driver.js')).checkDriverCommand,
  },
  {
    name: 'demo',
    takes: '',
    does: 'see it work: back up, destroy, restore and compare a database',
    load: async () => (await import('./commands/demo.js')).demoCommand,
  },
  {
    name: 'doctor',
    takes: '',
    does: 'check that the destination and the database are usable',
    load: async () => (await import('./commands/doctor/doctor.js')).doctorCommand,
  },
  {
    name: 'notify',
    takes: 'test',
    does: 'send a test to the configured heartbeat and webhook',
    load: async () => (await import('./commands/notify.js')).notifyCommand,
  },
  {
    name: 'copy',
    takes: '<id>',
    does: 'copy a backup and what it builds on to another destination',
    load: async () => (await import('./commands/copy.js')).copyCommand,
  },
  {
    name: 'sync',
    takes: '[id]',
    does: 'copy backups to the destinations that lack them',
    load: async () => (await import('./commands/replicas.js')).syncCommand,
  },
  {
    name: 'completion',
    takes: '<shell>',
    does: 'print the completion script of a shell',
    load: async () => (await import('./commands/completion.js')).completionCommand,
  },
  {
    name: 'repair',
    takes: '<id>',
    does: 'repair a backup at one destination from another',
    load: async () => (await import('./commands/replicas.js')).repairCommand,
  },
  {
    name: 'salvage',
    takes: '<id>',
    does: 'recover the intact records of a damaged backup',
    load: async () => (await import('./commands/salvage.js')).salvageCommand,
  },
]

/** Asked by the scripts of `completion`. */
export const hiddenCommands: readonly Listed[] = [
  {
    name: '__complete',
    takes: '[words...]',
    does: '',
    load: async () => (await import('./commands/completion.js')).completeCommand(commands),
  },
]
