import { parseOptions } from '@s3db-backup/core'
import type { PluginOptions } from '@s3db-backup/plugin-adapter'
import * as z from 'zod'
import type { PlaceOptions } from './command-options.js'
import { loadConfigFile } from './config-file.js'
import type { Terminal } from './terminal.js'

/** Handed to the plugin as they are: it checks them, and whatever its drivers learn is known here at once. */
const forPlugin = z.unknown().optional()

const fileSchema = z.strictObject({
  connection: z.string().min(1).optional(),
  path: z.string().min(1).optional(),
  driver: forPlugin,
  metadata: z.record(z.string(), z.json()).optional(),
  config: z.record(z.string(), z.unknown()).optional(),
  compression: forPlugin,
  include: forPlugin,
  exclude: forPlugin,
  encryption: forPlugin,
  retention: forPlugin,
  schedule: forPlugin,
  verification: forPlugin,
  tempDir: forPlugin,
})

export interface Settings {
  readonly connection: string | undefined
  readonly metadata: Readonly<Record<string, z.core.util.JSONType>>
  /** What the plugin is made from. Unchecked: the plugin does that. */
  readonly plugin: PluginOptions
}

type Given = PlaceOptions & { readonly connection?: string }

/** Brings together what was said: options first, then the environment, then the configuration file. */
export async function readSettings(given: Given, terminal: Terminal): Promise<Settings> {
  const found = await loadConfigFile(given.config)
  const what = found === undefined ? 'configuration' : `configuration file ${found.path}`
  terminal.redactor.hideIn(found?.content)
  const file = parseOptions(fileSchema, found?.content ?? {}, { what })
  const { connection, path, driver, config, metadata = {}, ...rest } = file
  const known = given.connection ?? connection
  if (known !== undefined) terminal.redactor.hideConnection(known)
  const place = given.path ?? path
  const options = {
    ...rest,
    driver: given.driver ?? driver ?? 'filesystem',
    config: { ...config, ...(place === undefined ? {} : { path: place }) },
  }
  return { connection: known, metadata, plugin: options as PluginOptions }
}
