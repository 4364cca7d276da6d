import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { BackupPlugin } from '@s3db-backup/plugin'
import type { ListedBackup } from '@s3db-backup/plugin-adapter'
import { Command } from 'commander'
import * as z from 'zod'
import { readJson } from '../config/config-file.js'
import { withPathsOf } from '../config/paths.js'
import { destinationOf } from '../config/settings.js'
import type { Session } from '../session.js'

/** The facts about a command before it is loaded. */
export interface Completed {
  readonly name: string
  readonly alias?: string | undefined
  readonly takes: string
  load(): Promise<(command: Command, session: Session) => void>
}

/** No key press waits longer than this, in ms. */
const patience = 300

/** Options whose values are names of resources. */
const resourceOptions = ['--resources', '--exclude', '--resource']
/** Options of every command. */
const everywhere = ['--json', '--quiet', '--strict', '--no-color', '--help']
/** Before the first backup is known, these are ids as well. */
const newest = ['latest']

/**
 * The candidates for the last word: commands, options, ids of backups, names of resources. Facts from the destination
 * are used only if they come quickly, without a key, and without running a configuration module.
 */
export async function candidates(
  words: readonly string[],
  { commands, session }: { readonly commands: readonly Completed[]; readonly session: Session },
): Promise<string[]> {
  const last = words.at(-1) ?? ''
  const [name, ...rest] = words.slice(0, -1).filter((word, index) => index === 0 || word !== '')
  const found =
    name === undefined
      ? commands.map((one) => one.name)
      : await inCommand(name, { typed: rest, last }, { commands, session })
  // A line is one candidate, and a terminal takes no orders from a name.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is kept out.
  return found.filter((one) => one.startsWith(last) && !/[\u0000-\u001f\u007f-\u009f]/.test(one))
}

async function inCommand(
  name: string,
  { typed, last }: { readonly typed: readonly string[]; readonly last: string },
  { commands, session }: { readonly commands: readonly Completed[]; readonly session: Session },
): Promise<string[]> {
  if (name === 'help') return commands.map((one) => one.name)
  const listed = commands.find((one) => one.name === name || one.alias === name)
  if (listed === undefined) return []
  if (last.startsWith('-')) {
    const command = new Command(name)
    ;(await listed.load())(command, session)
    return [
      ...command.options.filter(({ hidden }) => !hidden).flatMap(({ long }) => long ?? []),
      ...everywhere,
    ]
  }
  if (resourceOptions.includes(typed.at(-1) ?? '')) return resourcesOf(await known(typed))
  if (name === 'completion') return ['bash', 'zsh', 'fish']
  if (!/<id>|\[id\]|<from>/.test(listed.takes) || typed.at(-1)?.startsWith('-')) return []
  return [...newest, ...(await known(typed)).map(({ id }) => id)]
}

function resourcesOf(backups: readonly ListedBackup[]): string[] {
  return [
    ...new Set(backups.flatMap((one) => (one.status === 'damaged' ? [] : (one.resources ?? [])))),
  ].sort()
}

/** The backups at the destination that the words so far, the environment and a JSON file name; none if that is slow. */
async function known(typed: readonly string[]): Promise<readonly ListedBackup[]> {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), patience)
  const late = new Promise<readonly ListedBackup[]>((settle) =>
    controller.signal.addEventListener('abort', () => settle([])),
  )
  try {
    const listing = placeIn(typed).then(
      (place) => place && new BackupPlugin(place).listBackups({ signal: controller.signal }),
    )
    return (await Promise.race([listing, late])) ?? []
  } catch {
    // No error message belongs in the middle of a word that is being completed.
    return []
  } finally {
    clearTimeout(timer)
    controller.abort()
  }
}

const fileSchema = z.looseObject({
  path: z.string().optional(),
  driver: z.string().optional(),
  config: z.record(z.string(), z.unknown()).optional(),
})

type PluginOptions = ConstructorParameters<typeof BackupPlugin>[0]

/** Nothing where a program would have to run to tell: a module as configuration, or somebody else's driver. */
async function placeIn(typed: readonly string[]): Promise<PluginOptions | undefined> {
  const valueAfter = (option: string) => {
    const joined = typed.find((word) => word.startsWith(`${option}=`))
    const at = typed.indexOf(option)
    return joined?.slice(option.length + 1) ?? (at === -1 ? undefined : typed[at + 1])
  }
  const { S3DB_BACKUP_PATH, S3DB_BACKUP_DRIVER, S3DB_BACKUP_CONFIG } = process.env
  const config = valueAfter('--config') ?? S3DB_BACKUP_CONFIG
  if (config !== undefined && !config.endsWith('.json')) return undefined
  const file = resolve(config ?? 's3db-backup.config.json')
  const said = existsSync(file) ? await readJson(file) : {}
  const content = fileSchema.parse(withPathsOf(file, said))
  const path = valueAfter('--path') ?? S3DB_BACKUP_PATH
  const driver = valueAfter('--driver') ?? S3DB_BACKUP_DRIVER
  const place = destinationOf(
    { ...(path === undefined ? {} : { path }), ...(driver === undefined ? {} : { driver }) },
    { path: content.path, driver: content.driver, config: content.config },
  )
  const ours = ['filesystem', 's3', 'multi']
  return ours.includes(String(place.driver))
    ? ({ ...place, manifestCache: true } as PluginOptions)
    : undefined
}
