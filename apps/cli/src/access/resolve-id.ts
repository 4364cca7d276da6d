import { BackupError, type Operation } from '@s3db-backup/core'
import { nearest, parseBackupId } from '@s3db-backup/core/internal'
import type { BackupPlugin } from '@s3db-backup/plugin'
import type { ListedBackup } from '@s3db-backup/plugin-adapter'
import { howToList } from '../terminal/command-words.js'
import { mayNotBeRead } from './may-not-be-read.js'

/** Ids that are named where a beginning fits several. */
const shownIds = 5

/**
 * The id that was meant. `latest` is the complete backup of the newest moment, among those that lack no ancestor;
 * `latest:incremental` is the newest of that type; the beginning of an id is that id if no other begins so. What fits
 * nothing stays as it is, and the command says that it is not there; a misspelt `latest` is refused here with a hint.
 *
 * @throws BackupError `invalid_options` for an empty id, which is the beginning of every id; `not_found` where there is
 * no newest or `latest` is misspelt; `conflict` where several ids begin so.
 */
export async function resolveId(
  plugin: BackupPlugin,
  given: string,
  operation: Operation = 'status',
): Promise<string> {
  checkGiven(given, operation)
  // A complete id of our own form is not the start of another one.
  if (parseBackupId(given) !== undefined) return given
  const [, type] = /^latest(?::(.+))?$/.exec(given) ?? []
  if (given === 'latest' || type !== undefined) return latest(plugin, type, operation)
  const listed = await plugin.listBackups()
  return onlyOne(
    given,
    listed.map(({ id }) => id),
    operation,
    [
      'latest',
      ...typesOf(listed.filter((backup) => backup.status !== 'damaged')).map((type) => `latest:${type}`),
    ],
  )
}

/** The same among those that were deleted and can be brought back. */
export async function resolveDeleted(plugin: BackupPlugin, given: string): Promise<string> {
  checkGiven(given, 'status')
  if (parseBackupId(given) !== undefined) return given
  const deleted = await plugin.deleted.list()
  const [newest] = deleted
  if (given === 'latest' && newest !== undefined) return newest.id
  return onlyOne(
    given,
    deleted.map(({ id }) => id),
    'status',
    ['latest'],
  )
}

/** `delete "$ID" --yes` of a variable that is not set. */
function checkGiven(given: string, operation: Operation): void {
  if (given !== '') return
  throw new BackupError('invalid_options', 'The backup id is empty', {
    operation,
    suggestion: 'Give an id, the beginning of one, or latest. Nothing was read or written.',
  })
}

async function latest(plugin: BackupPlugin, type: string | undefined, operation: Operation): Promise<string> {
  const listed = await plugin.listBackups()
  const sound = listed.flatMap((backup) =>
    backup.status === 'completed' &&
    backup.datedAhead !== true &&
    backup.lacks === undefined &&
    (type === undefined || backup.type === type)
      ? [backup]
      : [],
  )
  // A backup of a past moment is not the newest, even if it was just made.
  const [newest] = sound.sort((a, b) => momentOf(b) - momentOf(a))
  if (newest !== undefined) {
    refuseUnknown(listed, newest.id, operation)
    return newest.id
  }
  throw new BackupError(
    'not_found',
    `There is no complete backup${type === undefined ? '' : ` of type '${type}'${nearest(type, typesOf(sound))}`}`,
    { operation, suggestion: howToList },
  )
}

/** A backup whose manifest may not be read and that was made later may be the one that is meant. */
function refuseUnknown(listed: readonly ListedBackup[], newest: string, operation: Operation): void {
  const timeOf = (id: string) => parseBackupId(id)?.startedAt.getTime()
  const known = timeOf(newest) ?? Number.NEGATIVE_INFINITY
  for (const backup of listed.filter(mayNotBeRead))
    if ((timeOf(backup.id) ?? known) >= known) throw backup.error.with({ operation })
}

function momentOf({ asOf, timestamp }: { readonly asOf?: string; readonly timestamp: string }): number {
  return Date.parse(asOf ?? timestamp)
}

function typesOf(backups: readonly { readonly type: string }[]): string[] {
  return [...new Set(backups.map(({ type }) => type))]
}

function onlyOne(
  given: string,
  ids: readonly string[],
  operation: Operation,
  words: readonly string[],
): string {
  if (ids.includes(given)) return given
  const fitting = [...new Set(ids)].filter((id) => id.startsWith(given))
  const [only] = fitting
  if (only === undefined) {
    // Only for a mistyped `latest`: a backup that is still being made may have any other id, and is not in the list.
    const hint = /^l[a-z]{3,6}(?::|$)/i.test(given) ? nearest(given, words) : ''
    if (hint === '') return given
    throw new BackupError('not_found', `Backup '${given}' not found${hint}`, {
      operation,
      suggestion: howToList,
    })
  }
  if (fitting.length === 1) return only
  const some = fitting.slice(0, shownIds).join(', ')
  throw new BackupError(
    'conflict',
    `${fitting.length} backups have ids that start with '${given}': ${some}${fitting.length > shownIds ? ', …' : ''}`,
    { operation, suggestion: 'Give more characters of the id.', metadata: { ids: fitting } },
  )
}
