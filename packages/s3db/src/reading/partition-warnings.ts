import type { OnWarning, ResourceInfo } from '@s3db-backup/core'
import { orphanedPartitions } from '../orphaned-partitions.js'

/**
 * Tells once of each partition that s3db.js will refuse when somebody opens the database again, or restores it: the
 * records are backed up, and a restore leaves such partitions out.
 */
export function partitionWarnings(onWarning: OnWarning | undefined) {
  const told = new Set<string>()
  return ({ name, attributes, partitions }: ResourceInfo): void => {
    for (const { partition, field } of orphanedPartitions(attributes, partitions)) {
      const which = JSON.stringify([name, partition])
      if (told.has(which)) continue
      told.add(which)
      onWarning?.({
        code: 'partition_unusable',
        driver: 's3db',
        message: `The partition ${partition} of the resource ${name} uses the field ${field}, which the resource does not have. s3db.js refuses to open such a definition; a restore brings the records back without this partition`,
        suggestion: `Define ${name} with partitions of its own: s3db.js adds to the object of partitions that it is given, so two resources must not share one.`,
        metadata: { resource: name, partition, field },
      })
    }
  }
}
