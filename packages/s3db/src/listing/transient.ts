/** A kind of object that is never backed up, restored or overwritten, and why. */
export interface TransientKind {
  readonly what: string
  /** Keys, for people: `<...>` stands for any text. */
  readonly keys: readonly string[]
  readonly why: string
  readonly pattern: RegExp
  /** Earlier versions backed these up. No backup of ours ever had the others. */
  readonly inOlderBackups?: true
}

/** Data of a plugin is stored below `plugin=<slug>/` or `resource=<name>/plugin=<slug>/`. */
const ofPlugin = (rest: string) => new RegExp(`^(?:resource=[^/]+/)?plugin=${rest}`, 'u')

/**
 * Everything of a database that a backup leaves out although it cannot be derived from records. It belongs to a running
 * process and means nothing once that process ends; restored, it would lock others out, or be given to two at once.
 */
export const transientKinds: readonly TransientKind[] = [
  {
    what: 'Locks of plugins',
    keys: ['plugin=<slug>/locks/<name>', 'resource=<name>/plugin=<slug>/locks/<name>'],
    why: 'held by a process, until it ends or the lock expires',
    pattern: ofPlugin('[^/]+/locks/.'),
    inOlderBackups: true,
  },
  {
    what: 'Locks of counters',
    keys: [
      'resource=<name>/sequence=<field>/lock',
      'plugin=<slug>/sequence=<name>/lock',
      'resource=<name>/plugin=<slug>/sequence=<name>/lock',
    ],
    why: 'held while a number is assigned; the number itself is backed up',
    pattern: /^(?:resource=[^/]+\/)?(?:plugin=[^/]+\/)?sequence=[^/]+\/lock$/u,
  },
  {
    what: 'Leader election and heartbeats',
    keys: [
      'plugin=coordinator/namespace=<name>/state.json',
      'plugin=coordinator/namespace=<name>/checkpoint.json',
      'plugin=coordinator/namespace=<name>/metadata.json',
      'plugin=coordinator/namespace=<name>/workers/<worker>',
    ],
    why: 'leases of workers that are running now',
    pattern: /^plugin=coordinator\/namespace=[^/]+\/(?:(?:state|checkpoint|metadata)\.json$|workers\/)/u,
    inOlderBackups: true,
  },
  {
    what: "s3db.js's own locks",
    keys: ['plugin=s3db-core/<anything>'],
    why: 'held while definitions are written',
    pattern: ofPlugin('s3db-core(?:/|$)'),
  },
  {
    what: 'Caches',
    keys: ['plugin=cache/<anything>', 'resource=<name>/plugin=cache/<anything>'],
    why: 'rebuilt from the records',
    pattern: ofPlugin('cache(?:/|$)'),
  },
]

/** Whether an object that is not a record belongs to one of the {@link transientKinds}. Records never do. */
export function isTransient(key: string): boolean {
  return transientKinds.some(({ pattern }) => pattern.test(key))
}

/** Whether a restore skips the object without a warning, because a backup of an earlier version may have it. */
export function isPassedBy(key: string): boolean {
  return transientKinds.some(({ pattern, inOlderBackups }) => inOlderBackups === true && pattern.test(key))
}
