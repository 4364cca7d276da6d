import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod'
import { newestOf } from '../../chain/newest-of.js'
import type { Link } from '../../chain/read-index.js'
import { BackupError, isBackupError } from '../../errors.js'
import { openKeys } from '../../format/key-files.js'
import { fileKey, manifestFile } from '../../format/layout.js'
import { readManifestEntry } from '../../inventory/manifest-entry.js'
import { isFunction, isObject, parseOptions } from '../../options.js'
import type { Codec } from '../../ports/codec.js'
import type { Driver } from '../../ports/driver.js'
import { type Encryption, encryptionSchema } from '../../ports/encryption.js'
import type { OnEvent } from '../../ports/events.js'
import { guard } from '../../ports/guard.js'
import type { RowFilter } from '../../ports/row-filter.js'
import type { Target } from '../../ports/target.js'
import { chosenIn, type ReadPlan } from '../../restore/plan-restore.js'
import { recordsById } from '../../restore/records-by-id.js'
import { select } from '../../select.js'
import { chooseObjects } from '../../select-objects.js'
import { openLinks } from '../planned-chain.js'
import { fieldsOf, forged, type NotePlace, openShardNote, readShardNote } from '../shard-note.js'
import { planNote, restorePlace } from './restore-place.js'
import { restoreSchema, type StoredRestore, targetPlan } from './restore-plan.js'

/** A process that takes part in a restore. It reads everything else in what was stored. */
export interface JoinRestoreOptions {
  /** The id of the restore. */
  readonly restore: string
  readonly driver: Driver
  readonly target: Target
  readonly codecs?: readonly Codec[] | undefined
  /** With it, a backup that is not encrypted is refused, whatever the opening allowed: anyone could have put it there. */
  readonly encryption?: Encryption | undefined
  /** Also accept a backup that is not encrypted. Default `false`. */
  readonly allowPlain?: boolean | undefined
  /** As for the opening: one that says the same of itself. */
  readonly filter?: RowFilter | undefined
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: OnEvent | undefined
}

export const joinSchema = z.strictObject({
  restore: z.string(),
  driver: z.custom<Driver>(isObject, 'a driver is needed'),
  target: z.custom<Target>(isObject, 'a target is needed'),
  codecs: z.array(z.custom<Codec>(isObject, 'must be a codec')).readonly().optional(),
  encryption: encryptionSchema.optional(),
  allowPlain: z.boolean().default(false),
  filter: z.custom<RowFilter>(isObject, 'must be a filter').optional(),
  signal: z.instanceof(AbortSignal).optional(),
  onEvent: z.custom<OnEvent>(isFunction, 'must be a function').optional(),
})

type Given = z.output<typeof joinSchema>

/** A restore that this process takes part in, its target open. */
export interface JoinedRestore {
  readonly stored: StoredRestore
  readonly place: NotePlace
  readonly plan: ReadPlan
  readonly call: { readonly signal: AbortSignal }
}

const headSchema = z.object({ id: z.string(), backup: z.object({ id: z.string(), directory: z.string() }) })

export function parseJoin<Schema extends z.ZodType>(schema: Schema, options: unknown): z.output<Schema> {
  return parseOptions(schema, options, { what: 'options of a restore in shards', operation: 'restore' })
}

/** Opens what was stored of a restore, and the target as one that others have opened. */
export async function joinRestore(given: Given): Promise<JoinedRestore> {
  const call = { signal: given.signal ?? new AbortController().signal }
  const driver = guard(given.driver)
  const { stored, place } = await readStored(driver, given, call)
  if (!isDeepStrictEqual(given.filter?.label ?? null, stored.filter))
    throw new BackupError('invalid_options', 'This process filters records differently from the restore', {
      operation: 'restore',
      suggestion: 'Give every process of a restore the same configuration.',
    })
  const { codecs, encryption, allowPlain } = given
  const opening = { driver, codecs, encryption, allowPlain, operation: 'restore', ...call } as const
  const chain = await openLinks(stored.chain, opening, ({ id }) => gone(id))
  const plan = planOf(chain, stored)
  await given.target.open({ ...targetPlan(plan, stored), joins: true }, call)
  return { stored, place, plan, call }
}

async function readStored(driver: Driver, given: Given, call: JoinedRestore['call']) {
  const { restore, encryption } = given
  const open = restorePlace(driver, restore, undefined)
  const file = planNote(restore)
  const key = fileKey(open.directory, file)
  const bytes = await readShardNote(open, file, call).catch((error: unknown) => {
    throw isBackupError(error, 'not_found') ? noSuch(restore) : error
  })
  const head = headSchema.safeParse(fieldsOf(bytes, key))
  if (!head.success) throw forged(key, 'it is incomplete')
  const { id, directory } = head.data.backup
  const object = { key: fileKey(directory, manifestFile), bytes: 0 }
  const entry = await readManifestEntry({ driver, directory, object }, call)
  if (entry === undefined) throw gone(id)
  if ('problem' in entry) throw entry.problem
  const isEncrypted = entry.manifest.encryption !== undefined
  if (isEncrypted && encryption === undefined)
    throw new BackupError('undecryptable', `Backup '${id}' is encrypted and no key was given`, {
      operation: 'restore',
    })
  const cipher =
    isEncrypted && encryption !== undefined ? await openKeys({ driver, entry, encryption }, call) : undefined
  const place = restorePlace(driver, restore, cipher)
  const stored = await openShardNote(place, { file, bytes, schema: restoreSchema }, call)
  if (stored.backupId !== id || stored.chain.at(-1)?.id !== id)
    throw forged(key, 'it belongs to another backup')
  return { stored, place }
}

function planOf(chain: readonly Link[], { resources, exclude }: StoredRestore): ReadPlan {
  const { manifest } = newestOf(chain)
  const selection = {
    ...(resources === null ? {} : { resources }),
    ...(exclude === null ? {} : { exclude }),
  }
  const names = select(Object.keys(manifest.resources), selection)
  const objects = chooseObjects(selection, new Set(names))
  return {
    chain,
    ids: undefined,
    single: recordsById(chain),
    whole: false,
    ...chosenIn(manifest, names, objects),
  }
}

function noSuch(restore: string): BackupError {
  return new BackupError('not_found', `There is no restore '${restore}'`, {
    operation: 'restore',
    suggestion: 'It is finished, or was opened at another destination.',
  })
}

function gone(id: string): BackupError {
  return new BackupError('not_found', `Backup '${id}' was removed during the restore`, {
    operation: 'restore',
    metadata: { backupId: id },
  })
}
