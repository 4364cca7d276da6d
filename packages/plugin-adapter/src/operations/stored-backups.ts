import {
  type BackupError,
  type CatalogEntry,
  type Difference,
  diff,
  isBackupError,
  type Manifest,
  type OnEvent,
  openCatalog,
  type RemoveReport,
  readManifest,
  remove,
  type VerifyLevel,
  type VerifyReport,
  verify,
} from '@s3db-backup/core'
import type { PluginContext } from '../context/plugin-context.js'
import { encrypting } from '../options/encryption.js'
import { upkeepDriver } from './deleted-backups.js'
import { describeBackup, type PluginBackup } from './results.js'

/* What the plugin does with backups that are there, without a database. */

/** A finished backup and all that its manifest says. */
export interface BackupDescription extends PluginBackup {
  readonly manifest: Manifest
}

/** Options of one `describe()` call. */
export interface DescribeCall {
  readonly signal?: AbortSignal | undefined
}

/** `plugin.describe(id)`: one finished backup, file by file, whatever driver keeps it. */
export async function describeStored(
  context: PluginContext,
  backupId: string,
  { signal }: DescribeCall,
): Promise<BackupDescription> {
  const { destination } = context
  const call = signal === undefined ? {} : { signal }
  const entry = await readable(await openCatalog(destination.driver).get(backupId, call), context, call)
  return { ...describeBackup(entry, destination), manifest: entry.manifest }
}

/** With the whole manifest if the plugin's key opens it; else with what can be read without one. */
export async function readable(
  entry: CatalogEntry,
  { destination: { driver }, encryption }: PluginContext,
  call: { readonly signal?: AbortSignal },
): Promise<CatalogEntry> {
  if (entry.manifest.encryption === undefined || encryption === undefined) return entry
  try {
    return await readManifest({ driver, id: entry.id, encryption, ...call })
  } catch (error) {
    if (isBackupError(error, 'undecryptable')) return entry
    throw error
  }
}

/** Options of one `verify()` call. */
export interface VerifyCall {
  /** How much is looked at. Default `full`. */
  readonly level?: VerifyLevel | undefined
  /** Take a backup that is not encrypted although the plugin encrypts. Default `false`. */
  readonly allowPlain?: boolean | undefined
  /** Read only a sample of the parts, such as `1/7`; `1/7` to `7/7` together read all. */
  readonly subset?: string | undefined
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: OnEvent | undefined
}

/** What a verification saw of one backup, and of those that it builds on. */
export interface PluginVerify extends VerifyReport {
  /**
   * The backups that it builds on, the full one first. Their manifests are there and were read, their contents not.
   * Empty if the chain is broken: `problems` has a `broken_chain` then.
   */
  readonly ancestors: readonly string[]
}

/** `plugin.verify(id, options)`: tells listeners how far it is, and looks last whether all ancestors are there. */
export async function verifyBackup(
  context: PluginContext,
  backupId: string,
  call: VerifyCall,
): Promise<PluginVerify> {
  const report = await verifyAlone(context, backupId, call)
  const { ancestors, problems } = await ancestorsOf(context, backupId, call)
  return {
    ...report,
    ok: report.ok && problems.length === 0,
    problems: [...report.problems, ...problems],
    ancestors,
  }
}

async function ancestorsOf(
  { destination: { driver } }: PluginContext,
  backupId: string,
  { signal }: VerifyCall,
): Promise<{ ancestors: string[]; problems: BackupError[] }> {
  try {
    const call = { operation: 'verify', ...(signal === undefined ? {} : { signal }) } as const
    const chain = await openCatalog(driver).chain(backupId, call)
    return { ancestors: chain.slice(0, -1).map(({ id }) => id), problems: [] }
  } catch (error) {
    if (isBackupError(error, 'broken_chain')) return { ancestors: [], problems: [error] }
    throw error
  }
}

function verifyAlone(
  context: PluginContext,
  backupId: string,
  { level, allowPlain = false, subset, signal, onEvent }: VerifyCall,
): Promise<VerifyReport> {
  const { destination, announce } = context
  return verify({
    driver: destination.driver,
    id: backupId,
    ...encrypting(context),
    allowPlain,
    ...(level === undefined ? {} : { level }),
    ...(subset === undefined ? {} : { subset }),
    ...(signal === undefined ? {} : { signal }),
    onEvent(event) {
      if (event.type === 'verify-progress') {
        const { id, file, bytes, expected } = event
        announce('plg:backup:verify-progress', { id, file, bytes, expected })
      }
      onEvent?.(event)
    },
  })
}

/** Options of one `diff()` call. */
export interface DiffCall {
  /** Only these resources (globs allowed). */
  readonly resources?: readonly string[] | undefined
  readonly exclude?: readonly string[] | undefined
  /** Take backups that are not encrypted although the plugin encrypts. Default `false`. */
  readonly allowPlain?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** `plugin.diff(from, to, options)`. */
export function diffBackups(
  context: PluginContext,
  from: string,
  to: string,
  { resources, exclude, allowPlain = false, signal }: DiffCall,
): AsyncIterable<Difference> {
  return diff({
    driver: context.destination.driver,
    from,
    to,
    ...encrypting(context),
    allowPlain,
    ...(resources === undefined ? {} : { resources }),
    ...(exclude === undefined ? {} : { exclude }),
    ...(signal === undefined ? {} : { signal }),
  })
}

/** Options of one `deleteBackup()` call. */
export interface DeleteCall {
  /** Also a backup that others build on, which then can be restored no more, or that is in use. Default `false`. */
  readonly force?: boolean | undefined
  /** How long it can be brought back, in ms; 0: not at all. Default: the plugin's `deletionGrace`. */
  readonly deletionGrace?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** `plugin.deleteBackup(id, options)`: not one that others build on or that is in use, unless by force. */
export async function deleteStored(
  { destination, config, announce }: PluginContext,
  backupId: string,
  { force, deletionGrace = config.deletionGrace, signal }: DeleteCall,
): Promise<RemoveReport> {
  const driver = upkeepDriver(destination)
  const report = await remove({ driver, id: backupId, deletionGrace, force, signal })
  announce('plg:backup:deleted', { ...report })
  return report
}
