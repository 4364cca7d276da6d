import type { Link } from '../chain/read-index.js'
import type { BackupError } from '../errors.js'
import { isBackupError } from '../errors.js'
import type { Asked } from './open-asked.js'

/** Something that was found of a backup. */
interface Finding {
  readonly link: Link
  /** What it concerns, as far as known. */
  readonly resource: string | undefined
  readonly file: string | undefined
  readonly error: BackupError
}

/** The findings of a run, for all requested backups. */
export interface Findings {
  /** Notes what went wrong with a backup; of one file only the first thing. */
  add(link: Link, error: BackupError): void
  has(link: Link, file: string): boolean
  /** Forgets what was noted of a file. */
  withdraw(link: Link, file: string): void
  /**
   * The findings about one of the requested backups: all of its own, and those about the parts of its ancestors that it
   * needs.
   */
  of(asked: Asked): readonly BackupError[]
}

export function startFindings(): Findings {
  const all: Finding[] = []
  const files = new Map<Link, Set<string>>()
  return {
    add(link, error) {
      const { resource } = error.metadata
      const file = fileIn(link, error)
      if (file !== undefined) {
        const known = files.get(link) ?? new Set()
        if (known.has(file)) return
        files.set(link, known.add(file))
      }
      all.push({ link, error, resource: textOf(resource), file })
    },
    has: (link, file) => files.get(link)?.has(file) === true,
    withdraw(link, file) {
      if (files.get(link)?.delete(file) !== true) return
      const at = all.findIndex((finding) => finding.link === link && finding.file === file)
      if (at >= 0) all.splice(at, 1)
    },
    of: (asked) => all.filter((finding) => concerns(finding, asked)).map(({ error }) => error),
  }
}

function concerns({ link, resource, file }: Finding, { newest, used, parts }: Asked): boolean {
  if (link === newest) return true
  const of = used.find((one) => one.link === link)
  if (file !== undefined) {
    if (parts.get(link)?.some((part) => part.file === file) === true) return true
    // A restore also compares the offsets of what it reads.
    const part = link.manifest.parts.find((one) => one.file === file)
    return part?.holds === 'offsets' && of?.names.has(part.resource) === true
  }
  return of !== undefined && (resource === undefined || of.names.has(resource))
}

/** The file of the backup that an error is about: a storage names its key. */
function fileIn(
  { context: { directory } }: Link,
  { metadata: { file, key } }: BackupError,
): string | undefined {
  const start = `${directory}/`
  return textOf(file) ?? (textOf(key)?.startsWith(start) ? textOf(key)?.slice(start.length) : undefined)
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** What says something about a backup, and not about the storage or the caller. */
export function isProblem(error: BackupError): boolean {
  return (
    isBackupError(error, 'corrupt') ||
    isBackupError(error, 'not_found') ||
    isBackupError(error, 'undecryptable')
  )
}
