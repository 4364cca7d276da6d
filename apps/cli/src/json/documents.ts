import * as z from 'zod'
import { notificationSchema } from '../notify/notification.js'
import { dryRun, list, madeBackup, show, status } from './backups.js'
import * as changes from './changes.js'
import * as checks from './checks.js'
import { failed, progress, scheduled, serving } from './lines.js'
import * as past from './past.js'
import * as records from './records.js'
import * as shards from './shards.js'

/**
 * The layout of all JSON that the command prints or sends, by the name of its file in `schemas/`. A command with
 * several layouts prints one of them, as its options say.
 */
export const documents: Readonly<Record<string, z.ZodType>> = {
  backup: z.union([madeBackup, dryRun, list, status]),
  shard: z.union([
    shards.plannedShards,
    shards.shardResult,
    shards.shardsStatus,
    shards.abortedShards,
    shards.openedRestore,
    shards.writtenShard,
    changes.restored,
    madeBackup,
  ]),
  worker: shards.endedJob,
  restore: changes.restored,
  recover: past.recovered,
  undo: past.undone,
  cat: records.rows,
  export: records.exportedFiles,
  find: records.foundRecord,
  history: z.union([records.recordHistory, past.versionHistory]),
  query: records.queried,
  list: z.union([list, records.listedResources]),
  show,
  verify: z.union([checks.verified, checks.drill, checks.validated, checks.replicas]),
  diff: z.union([checks.difference, checks.differences]),
  consolidate: madeBackup,
  delete: changes.removed,
  undelete: changes.undeleted,
  prune: changes.pruned,
  purge: changes.purged,
  schedule: scheduled,
  ui: serving,
  keygen: changes.keygen,
  'rotate-key': changes.rotatedKeys,
  'check-driver': checks.checkedDriver,
  demo: changes.demo,
  doctor: checks.doctor,
  notify: checks.notified,
  copy: changes.copiedTo,
  sync: changes.synced,
  repair: changes.healed,
  salvage: changes.salvaged,
  init: changes.initialized,
  error: failed,
  progress,
  notification: notificationSchema,
}

/** One of them as JSON Schema. Fields may be added in later versions, so readers pass over those that they do not know. */
export function jsonSchemaOf(name: string, schema: z.ZodType): unknown {
  const made = z.toJSONSchema(schema, {
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
    },
  })
  return { $id: `urn:s3db-backup:cli:${name}`, title: `s3db-backup ${name}`, ...made }
}
