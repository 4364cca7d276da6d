import { BackupError, type Batch, type RestorePlan, type Target, type WriteReport } from '@s3db-backup/core'
import { clientError } from '../client/client-errors.js'
import { type Client, checkConnected, type Database } from '../client/database.js'
import { inFlight } from '../client/in-flight.js'
import { deleteObject } from '../client/objects.js'
import { quickWriting } from '../client/quick-writes.js'
import { describeDatabase, identityOf } from '../identity.js'
import { derivedPrefix, internalOwner, internalPrefixes } from '../listing/keys.js'
import { listObjects } from '../listing/listing.js'
import { startReport } from './outcomes.js'
import { type PreparedResources, prepareResources } from './prepare-resources.js'
import type { WriteContext } from './write-context.js'
import { writeObjects } from './write-objects.js'
import { writeRecords } from './write-records.js'

export interface TargetOptions {
  /**
   * The most records to be written at once. Default 64. How many are, shows while writing: more as long as that is
   * faster, fewer when the server asks to slow down.
   */
  readonly writesInFlight?: number | undefined
  /**
   * Default true: objects without a body are written to S3 with signed requests of our own, past the pool of s3db.js and
   * the layers of the AWS SDK (ADR 0033). `false` to tell whether that is the cause of something.
   */
  readonly quickWrites?: boolean | undefined
}

/**
 * A connected s3db.js database as the target of a restore. Definitions come first (with their versions and
 * maps), then each record's partition references and the record itself, raw, then counters and history. No
 * hook runs, no event is sent, nothing is validated, hashed or encrypted a second time.
 */
export function databaseTarget(database: Database, options: TargetOptions = {}): Target {
  const writesInFlight = options.writesInFlight ?? 64
  const writes = inFlight(writesInFlight)
  let client: Client | undefined
  let plan: RestorePlan | undefined
  let prepared: PreparedResources = { ready: new Map(), refused: new Map() }

  return {
    async open(given, call) {
      checkConnected(database, 'restore')
      client = options.quickWrites === false ? database.client : quickWriting(database.client)
      plan = given
      given.checkTarget?.({ identity: identityOf(database), database: describeDatabase(database) })
      try {
        prepared = await prepareResources(database, given, call)
      } catch (error) {
        throw clientError(error, call, 'store the definitions')
      }
    },

    ranges: true,

    write(name, batches, { range, ...call }) {
      if (plan === undefined || client === undefined)
        throw new BackupError('internal', 'A target is opened before it is written', { operation: 'restore' })
      const context: WriteContext = {
        client,
        mode: plan.mode,
        dryRun: plan.dryRun,
        rename: plan.rename,
        transformed: plan.transformed === true,
        unreadable: plan.unreadable.get(name),
        writes,
        writesInFlight,
        range,
      }
      const owner = internalOwner(name)
      const refused = prepared.refused.get(owner ?? name)
      if (refused !== undefined) return passOver(batches, owner === undefined ? refused : undefined)
      if (internalPrefixes(name) !== undefined) return writeObjects(context, name, batches, call)
      const resource = prepared.ready.get(name)
      if (resource === undefined)
        throw new BackupError('internal', `The target was not opened for ${name}`, { operation: 'restore' })
      return writeRecords(context, resource, batches, call)
    },

    async finish(call) {
      if (plan?.dryRun !== false) return
      for (const { name } of prepared.ready.values()) {
        for await (const objects of listObjects(database.client, derivedPrefix(name), call)) {
          for (const { key } of objects) await deleteObject(database.client, key, call)
        }
      }
    },
  }
}

/** Reads records that cannot be written, to count them. Internal records of a refused resource are not reported. */
async function passOver(batches: AsyncIterable<Batch>, refused: string | undefined): Promise<WriteReport> {
  let records = 0
  for await (const { rows } of batches) records += rows.length
  const report = startReport().result()
  return refused === undefined ? report : { ...report, refused: { reason: refused, records } }
}
