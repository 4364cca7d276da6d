import type { ObjectKind } from '@s3db-backup/core'
import type { Connection } from '../connection/connection.js'

/** Where the probes are, and how to reach it. */
export interface Probe {
  readonly connection: Connection
  /** Below the driver's prefix, made for this run. */
  readonly folder: string
  /** What backups mostly consist of: it goes where they would go. */
  readonly kind: ObjectKind
  readonly signal: AbortSignal
}

/** Every object that the checks make, below the folder. */
export const probeFiles = {
  text: 'probe.jsonl',
  race: 'race.jsonl',
  multipart: 'multipart.jsonl',
  /** The last two come the other way round where UTF-16 units are compared instead of UTF-8 bytes. */
  ordered: ['B', 'a', 'é', '～', '😀'].map((name) => `order/${name}`),
}
