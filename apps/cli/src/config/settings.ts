import { resolve } from 'node:path'
import { BackupError } from '@s3db-backup/core'
import { parseOptions } from '@s3db-backup/core/internal'
import type { PluginOptions } from '@s3db-backup/plugin'
import { checkPluginOptions, together } from '@s3db-backup/plugin-adapter'
import * as z from 'zod'
import { type NotifyOptions, notifySchema } from '../notify/notify-options.js'
import type { Terminal } from '../terminal/terminal.js'
import { type Addressed, destinationAt } from './address.js'
import { type ConfigFile, loadConfigFile } from './config-file.js'
import { hideKey, readKey } from './key.js'
import { checkNotEmpty } from './not-empty.js'
import type { PlaceOptions } from './options.js'
import { fromHome } from './paths.js'
import { type Prices, pricesSchema } from './prices.js'
import { type Reference, readReference, referenceSchema } from './reference.js'

/** Handed to the plugin as they are: it checks them, and whatever its drivers learn is known here at once. */
const forPlugin = z.unknown().optional()

const place = z.string().min(1).optional()

/** Where the key comes from is this command's business; the rest is the plugin's. */
const fileKeySchema = z.looseObject({ keyFile: place, keyCommand: place })

const fileSchema = z.strictObject({
  connection: referenceSchema.optional(),
  path: z.string().min(1).optional(),
  driver: forPlugin,
  metadata: z.record(z.string(), z.json()).optional(),
  config: z.record(z.string(), z.unknown()).optional(),
  compression: forPlugin,
  include: forPlugin,
  exclude: forPlugin,
  encryption: fileKeySchema.nullable().optional(),
  retention: forPlugin,
  schedule: forPlugin,
  verification: forPlugin,
  tempDir: forPlugin,
  catchUp: forPlugin,
  staleAfter: forPlugin,
  deletionGrace: forPlugin,
  manifestCache: forPlugin,
  snapshot: forPlugin,
  notify: notifySchema.optional(),
  prices: pricesSchema.prefault({}),
})

export interface Settings {
  readonly connection: string | undefined
  readonly metadata: Readonly<Record<string, z.core.util.JSONType>>
  readonly prices: Prices
  /** The receivers of notifications about backups. */
  readonly notify?: NotifyOptions | undefined
  /** The options of the plugin. Unchecked: the plugin does that. */
  readonly plugin: PluginOptions
}

type Given = PlaceOptions & { readonly connection?: string | undefined }

/** Brings together what was said: options first, then the environment, then the configuration file. */
export async function readSettings(given: Given, terminal: Terminal): Promise<Settings> {
  checkNotEmpty(given, process.env)
  return settingsOf(await loadConfigFile(given.config), given, terminal)
}

/** The same of a configuration that was loaded, or that is about to be written. */
export async function settingsOf(
  found: ConfigFile | undefined,
  given: Given,
  terminal: Terminal,
): Promise<Settings> {
  const what = found === undefined ? 'configuration' : `configuration file ${found.path}`
  terminal.redactor.hideIn(found?.content)
  const content = found?.content ?? {}
  together(what, [
    () => parseOptions(fileSchema, content, { what }),
    () => checkPluginOptions(optionsIn(content)),
  ])
  const file = parseOptions(fileSchema, content, { what })
  const { connection, path, driver, config, metadata = {}, prices, notify, encryption, ...rest } = file
  const known = given.connection ?? (await connectionOf(connection))
  if (known !== undefined) terminal.redactor.hideConnection(known)
  const options = {
    manifestCache: true,
    ...rest,
    ...(await encryptionOf(given, encryption, terminal)),
    ...destinationOf(given, { path, driver, config }),
  }
  return { connection: known, metadata, prices, notify, plugin: options as PluginOptions }
}

/** The options that the plugin checks. Other options may say where the key and the destination are. */
const forPluginNames = Object.entries(fileSchema.shape)
  .filter(([, schema]) => schema === forPlugin)
  .map(([name]) => name)

function optionsIn(content: unknown): Readonly<Record<string, unknown>> {
  const parsed = z.record(z.string(), z.unknown()).safeParse(content)
  const { driver: _, ...rest } = parsed.data ?? {}
  const { compression, retention } = z.looseObject({}).safeParse(rest.config).data ?? {}
  const chosen = Object.entries(rest).filter(([name]) => forPluginNames.includes(name))
  return { ...Object.fromEntries(chosen), config: { compression, retention } }
}

function connectionOf(reference: Reference | undefined): Promise<string> | undefined {
  return reference === undefined ? undefined : readReference(reference, 'connection')
}

/** Where backups are kept if nothing is said. */
const defaultPath = './backups'

interface ConfiguredDestination {
  readonly path: string | undefined
  readonly driver: unknown
  readonly config: Readonly<Record<string, unknown>> | undefined
}

/** The driver and its options. An address says both; a configured driver of the same name adds its options to it. */
export function destinationOf(
  given: PlaceOptions,
  file: ConfiguredDestination,
): { readonly driver: unknown; readonly config: Readonly<Record<string, unknown>> } {
  const path = given.path ?? file.path
  const driver = given.driver ?? file.driver
  const addressed = path === undefined ? undefined : destinationAt(path, process.env)
  if (addressed === undefined) {
    const known = { ...file.config, ...(path === undefined ? {} : { path: fromHome(path) }) }
    return driver === undefined || driver === 'filesystem'
      ? { driver: 'filesystem', config: inFolder(known) }
      : { driver, config: known }
  }
  if (given.driver !== undefined && given.driver !== addressed.driver)
    throw twoDestinations(given.driver, addressed)
  const also = driver === undefined || driver === addressed.driver ? file.config : {}
  const config = { ...also, ...addressed.config }
  return { driver: addressed.driver, config: addressed.driver === 'filesystem' ? inFolder(config) : config }
}

/** An absolute path, so that whatever is printed of it means the same everywhere. */
function inFolder(config: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { path = defaultPath } = config
  return typeof path === 'string' && path !== '' ? { ...config, path: resolve(path) } : config
}

function twoDestinations(driver: string, { driver: addressed }: Addressed): BackupError {
  return new BackupError(
    'invalid_options',
    `The path is an address for the driver ${addressed}, but --driver is ${driver}`,
    { operation: 'validateConfig', suggestion: 'Leave --driver out, or give a path.' },
  )
}

/** The file's `encryption` with the key, wherever that comes from: options, then the environment, then the file. */
async function encryptionOf(
  given: Given,
  configured: Readonly<Record<string, unknown>> | null | undefined,
  { redactor }: Terminal,
): Promise<{ encryption?: Readonly<Record<string, unknown>> | null | undefined }> {
  const { keyFile, keyCommand, ...rest } = fileKeySchema.parse(configured ?? {})
  const { S3DB_BACKUP_KEY: environment } = process.env
  const key =
    (await readKey({ file: given.keyFile, command: given.keyCommand, environment })) ??
    (await readKey({ file: keyFile, command: keyCommand }))
  if (key === undefined) return configured == null ? {} : { encryption: rest }
  hideKey(redactor, key)
  return { encryption: { algorithm: 'AES-256-GCM', ...rest, key } }
}
