import { parseOptions } from '@s3db-backup/core/internal'
import type { PluginOptions } from '@s3db-backup/plugin'
import * as z from 'zod'
import type { Terminal } from '../terminal/terminal.js'
import { loadConfigFile } from './config-file.js'
import { hideKey, readKey } from './key.js'
import type { PlaceOptions } from './options.js'
import { type Prices, pricesSchema } from './prices.js'

/** Handed to the plugin as they are: it checks them, and whatever its drivers learn is known here at once. */
const forPlugin = z.unknown().optional()

const place = z.string().min(1).optional()

/** Where the key comes from is this command's business; the rest is the plugin's. */
const fileKeySchema = z.looseObject({ keyFile: place, keyCommand: place })

const fileSchema = z.strictObject({
  connection: z.string().min(1).optional(),
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
  prices: pricesSchema.prefault({}),
})

export interface Settings {
  readonly connection: string | undefined
  readonly metadata: Readonly<Record<string, z.core.util.JSONType>>
  readonly prices: Prices
  /** What the plugin is made from. Unchecked: the plugin does that. */
  readonly plugin: PluginOptions
}

type Given = PlaceOptions & { readonly connection?: string | undefined }

/** Brings together what was said: options first, then the environment, then the configuration file. */
export async function readSettings(given: Given, terminal: Terminal): Promise<Settings> {
  const found = await loadConfigFile(given.config)
  const what = found === undefined ? 'configuration' : `configuration file ${found.path}`
  terminal.redactor.hideIn(found?.content)
  const file = parseOptions(fileSchema, found?.content ?? {}, { what })
  const { connection, path, driver, config, metadata = {}, prices, encryption, ...rest } = file
  const known = given.connection ?? connection
  if (known !== undefined) terminal.redactor.hideConnection(known)
  const folder = given.path ?? path
  const options = {
    manifestCache: true,
    ...rest,
    ...(await encryptionOf(given, encryption, terminal)),
    driver: given.driver ?? driver ?? 'filesystem',
    config: { ...config, ...(folder === undefined ? {} : { path: folder }) },
  }
  return { connection: known, metadata, prices, plugin: options as PluginOptions }
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
