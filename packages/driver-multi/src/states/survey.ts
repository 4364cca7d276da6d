import { type BackupError, type Call, type CatalogEntry, isBackupError, openCatalog } from '@s3db-backup/core'
import { ordered } from '@s3db-backup/core/internal'
import { storageFailure } from '../failure.js'
import type { MultiDriver, Replica } from '../multi-driver.js'

/** One replica's copy of a backup, as its manifest there describes it. */
export interface Copy {
  readonly replica: Replica
  readonly entry: CatalogEntry
}

/** Where a backup is, according to each replica's manifest. */
export interface Whereabouts {
  readonly id: string
  readonly directory: string
  /** Replicas with a sound manifest, in order. Never none. */
  readonly copies: readonly [Copy, ...Copy[]]
  /** Replicas whose manifest is spoilt. */
  readonly damaged: readonly Replica[]
  /** Replicas that answered and have no manifest of it. */
  readonly lacking: readonly Replica[]
}

/** The replicas with a manifest of the backup, sound or spoilt. */
export function replicasWith({ copies, damaged }: Whereabouts): Replica[] {
  return [...copies.map(({ replica }) => replica), ...damaged]
}

/** The contents of the replicas. */
export interface Survey {
  /** Oldest first, so that a parent comes before its children. */
  readonly backups: readonly Whereabouts[]
  /** Backups of which no replica has a manifest that can be read, why, and which replicas lack even that. */
  readonly unreadable: readonly {
    readonly id: string
    readonly lacking: readonly Replica[]
    readonly error: BackupError
  }[]
  /** Replicas that did not answer. Their contents are unknown. */
  readonly unreachable: readonly { readonly replica: Replica; readonly error: BackupError }[]
}

/**
 * Reads every replica's manifests and reports which backup is where. `locate` and `verifyReplicas` check whether the
 * parts are there too.
 */
export async function survey(options: {
  multi: MultiDriver
  signal?: AbortSignal | undefined
}): Promise<Survey> {
  const { multi, signal = new AbortController().signal } = options
  const answers: Answer[] = []
  for await (const answer of ordered(multi.replicas, multi.concurrency, (replica) =>
    ask(replica, { signal }),
  )) {
    answers.push(answer)
  }
  const heard = answers.flatMap((answer) => ('error' in answer ? [] : [answer]))
  const ids = new Set(heard.flatMap(({ entries }) => [...entries.keys()]))
  const backups = [...ids].flatMap((id) => whereabouts(id, heard))
  return {
    backups: backups.sort(byAge),
    unreadable: unreadable(heard, ids),
    unreachable: answers.flatMap((answer) => ('error' in answer ? [answer] : [])),
  }
}

interface Heard {
  readonly replica: Replica
  readonly entries: ReadonlyMap<string, CatalogEntry>
  /** The problem with each manifest that cannot be read. */
  readonly problems: ReadonlyMap<string, BackupError>
}
type Answer = Heard | { readonly replica: Replica; readonly error: BackupError }

async function ask(replica: Replica, { signal }: Call): Promise<Answer> {
  try {
    const { backups, damaged } = await openCatalog(replica.driver).list({ signal })
    return {
      replica,
      entries: new Map(backups.map((entry) => [entry.id, entry])),
      problems: new Map(damaged.map(({ id, problem }) => [id, problem])),
    }
  } catch (error) {
    return { replica, error: storageFailure(error, signal) }
  }
}

function whereabouts(id: string, heard: readonly Heard[]): Whereabouts[] {
  const copies = heard.flatMap(({ replica, entries }) => {
    const entry = entries.get(id)
    return entry === undefined ? [] : [{ replica, entry }]
  })
  const [first, ...others] = copies
  if (first === undefined) return []
  const having = heard.filter(({ entries, problems }) => entries.has(id) || problems.has(id))
  // A backup in a newer format is not damaged; we only cannot read it.
  const damaged = heard.filter(({ problems }) => isBackupError(problems.get(id), 'corrupt'))
  const lacking = heard.filter((one) => !having.includes(one))
  const replicasOf = (some: readonly Heard[]) => some.map(({ replica }) => replica)
  return [
    {
      id,
      directory: first.entry.directory,
      copies: [first, ...others],
      damaged: replicasOf(damaged),
      lacking: replicasOf(lacking),
    },
  ]
}

function unreadable(heard: readonly Heard[], readable: ReadonlySet<string>): Survey['unreadable'] {
  const problems = new Map(heard.flatMap((one) => [...one.problems]))
  return [...problems].flatMap(([id, error]) => {
    const lacking = heard.filter((one) => !one.problems.has(id)).map(({ replica }) => replica)
    return readable.has(id) ? [] : [{ id, lacking, error }]
  })
}

function byAge(a: Whereabouts, b: Whereabouts): number {
  const [left, right] = [a.copies[0].entry.manifest, b.copies[0].entry.manifest]
  return left.exportedAt.localeCompare(right.exportedAt) || a.id.localeCompare(b.id)
}
