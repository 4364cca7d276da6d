import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Choices, Run } from '../backup/backup-run.js'
import { type Encrypted, type Output, outputOf } from '../backup/begin-output.js'
import { gzip } from '../codecs/gzip.js'
import { BackupError } from '../errors.js'
import { fileKey, planFile } from '../format/layout.js'
import { parseOptions } from '../options.js'
import type { Call, Driver } from '../ports/driver.js'
import type { BackupCipher, Encryption } from '../ports/encryption.js'
import { guard } from '../ports/guard.js'
import { collect } from '../streams/bytes.js'
import { followSignal } from '../streams/follow-signal.js'
import { type FoundPlan, findPlan } from './find-plan.js'
import { forged, type NotePlace, openShardNote } from './shard-note.js'
import type { CheckedShard } from './shard-options.js'
import { planSchema, type ShardPlan } from './shard-plan.js'

/** A plan, ready to be worked on by this process. */
export interface OpenedPlan {
  readonly plan: ShardPlan
  /** Where its receipts lie. */
  readonly place: NotePlace
  readonly found: FoundPlan
  readonly run: Run
  /** How this process's attempt at a shard makes parts. */
  outputFor(index: number): { readonly output: Output; readonly attempt: string }
}

/** Key files are a few kilobytes. */
const largestKeyFile = 1024 * 1024

/**
 * Opens the plan of a backup. Returns `committed` if the backup exists and its plan no longer does. Throws `not_found`
 * for no plan; `undecryptable` without its key; `corrupt` for a forged one; `invalid_options` if this process would
 * read or store differently from the plan.
 */
export async function openPlan(given: CheckedShard): Promise<OpenedPlan | { readonly committed: string }> {
  const own = new AbortController()
  const call = { signal: followSignal(given.signal, own.signal) }
  const driver = guard(given.driver)
  const found = await findPlan(driver, given, call)
  if ('committed' in found) return found
  const { id, directory, bytes } = found
  const cipher = await cipherOf(driver, found, given.encryption, call)
  const place = { driver, id, directory, cipher }
  const plan = await openShardNote(place, { file: planFile, bytes, schema: planSchema }, call)
  checkHead(plan, found)
  const run = runOf(plan, { given, place, call, stop: (error) => own.abort(error) })
  checkChoices(plan, run, id)
  return {
    plan,
    place,
    found,
    run,
    outputFor(index) {
      const attempt = randomBytes(4).toString('hex')
      const output = outputOf(run, encryptedOf(plan, cipher), { index, attempt })
      // Resource names that differ only in case get the same suffixes in every process.
      for (const { name } of [...plan.description.resources, ...(plan.description.internal ?? [])])
        if (cipher === undefined) output.parts.nameOf(name, 'rows', 1, '')
      return { output, attempt }
    },
  }
}

/** Opens the key file of a backup that is being made. Throws as `encryption.open` does. */
export async function openNewKeys(
  driver: Driver,
  { id, directory, keyFile }: { readonly id: string; readonly directory: string; readonly keyFile: string },
  encryption: Encryption,
  call: Call,
): Promise<BackupCipher> {
  const key = fileKey(directory, keyFile)
  const bytes = await collect(driver.get(key, { ...call, kind: 'keys' }), largestKeyFile, key)
  return encryption.open({ backupId: id, keyFile: bytes, ...call })
}

async function cipherOf(
  driver: Driver,
  { id, directory, keyFile }: FoundPlan,
  encryption: Encryption | undefined,
  call: Call,
): Promise<BackupCipher | undefined> {
  const key = fileKey(directory, planFile)
  if (keyFile === undefined && encryption === undefined) return undefined
  if (keyFile === undefined) throw forged(key, 'it is not encrypted, though encryption is configured')
  if (encryption !== undefined) return openNewKeys(driver, { id, directory, keyFile }, encryption, call)
  throw new BackupError('undecryptable', `The plan of backup '${id}' is encrypted and no key was given`, {
    suggestion: 'Give this process the option encryption with the key that the plan was made with.',
    metadata: { backupId: id },
  })
}

/** The readable half is trusted only if it matches the plan. */
function checkHead(plan: ShardPlan, { directory, ...head }: FoundPlan): void {
  const { claim, type, startedAt, shards, encryption } = plan
  const said = { claim, type, startedAt, count: shards.length, keyFile: encryption?.info.keyFile }
  for (const [field, value] of Object.entries(said))
    if (Reflect.get(head, field) !== value) throw forged(fileKey(directory, planFile), `its ${field} differs`)
}

function runOf(
  plan: ShardPlan,
  {
    given,
    place,
    call,
    stop,
  }: {
    readonly given: CheckedShard
    readonly place: NotePlace
    readonly call: Call
    readonly stop: (error: unknown) => void
  },
): Run {
  const { selection, verify, metadata, maxPartBytes, type, claim } = plan
  const { id, directory, driver } = place
  const none = { since: undefined, maxChain: 1, fullIfNeeded: false }
  return {
    id,
    claim,
    type,
    directory,
    startedAt: new Date(plan.startedAt),
    driver,
    keys: [],
    source: given.source,
    selection: {
      ...(selection.resources === null ? {} : { resources: selection.resources }),
      ...(selection.exclude === null ? {} : { exclude: selection.exclude }),
    },
    filter: given.filter,
    incremental: plan.chain === null ? undefined : none,
    codecs: given.codecs ?? [gzip()],
    encryption: given.encryption,
    maxPartBytes,
    verify,
    dryRun: false,
    metadata,
    resourcesInFlight: plan.concurrency,
    call,
    onEvent: given.onEvent ?? (() => undefined),
    cancelled: () => given.signal?.aborted === true,
    stop,
    now: given.now ?? (() => new Date()),
  }
}

/** Every process must read and store in the same way, or the halves of the backup do not fit together. */
function checkChoices(plan: ShardPlan, { codecs, filter }: Choices, backupId: string): void {
  const ids = codecs.map(({ id }) => id)
  const problem = !isDeepStrictEqual(ids, plan.codecs)
    ? `stores with ${ids.join(', ') || 'no codec'} and the plan with ${plan.codecs.join(', ') || 'none'}`
    : !isDeepStrictEqual(filter?.label ?? null, plan.filter)
      ? 'filters records differently from the plan'
      : undefined
  if (problem === undefined) return
  throw new BackupError('invalid_options', `This process ${problem}`, {
    suggestion: 'Give every process of a backup the same configuration.',
    metadata: { backupId },
  })
}

function encryptedOf({ encryption }: ShardPlan, cipher: BackupCipher | undefined): Encrypted | undefined {
  return encryption === null || cipher === undefined ? undefined : { cipher, ...encryption }
}

/** Parses the options of a process; `operation` is that of its errors. */
export function parseShard<Schema extends Parameters<typeof parseOptions>[0]>(
  schema: Schema,
  options: unknown,
) {
  return parseOptions(schema, options, { what: 'shard options', operation: 'backup' })
}
