import { homedir } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import * as z from 'zod'
import { isAddress } from './address.js'

/**
 * Expands `~` and `~/x` to the home folder; anything else is unchanged. A shell does the same, but not inside a file.
 */
export function fromHome(path: string): string {
  return path === '~' || /^~[/\\]/.test(path) ? join(homedir(), path.slice(1)) : path
}

/** A path as somebody wrote it, made absolute. An address stays one. */
export function pathFrom(folder: string, path: string): string {
  return path === '' || isAddress(path) ? path : resolve(folder, fromHome(path))
}

/** The same for what only is a path if it looks like one: a driver has its own idea of its options. */
function relativeFrom(folder: string, text: string): string {
  return /^(\.{1,2}|~)([/\\]|$)/.test(text) ? pathFrom(folder, text) : text
}

const driverSchema = z
  .looseObject({ driver: z.unknown(), config: z.record(z.string(), z.unknown()) })
  .partial()
const severalSchema = z.array(driverSchema)

/** The settings of a driver, and of those inside `multi`, with their paths made absolute. */
function destinationFrom(folder: string, given: z.infer<typeof driverSchema>): z.infer<typeof driverSchema> {
  const { driver, config } = given
  const isFilesystem = driver === undefined || driver === 'filesystem'
  return {
    ...given,
    ...(typeof driver === 'string' ? { driver: relativeFrom(folder, driver) } : {}),
    ...(config === undefined
      ? {}
      : {
          config: Object.fromEntries(
            Object.entries(config).map(([name, value]) => [
              name,
              valueFrom(folder, name, value, isFilesystem),
            ]),
          ),
        }),
  }
}

function valueFrom(folder: string, name: string, value: unknown, isFilesystem: boolean): unknown {
  if (name === 'drivers' || name === 'destinations') {
    const several = severalSchema.safeParse(value)
    return several.success ? several.data.map((one) => destinationFrom(folder, one)) : value
  }
  if (name !== 'path' || typeof value !== 'string') return value
  return isFilesystem ? pathFrom(folder, value) : relativeFrom(folder, value)
}

/** A text, or where it is; of those that are in a file, the file. */
const referenceSchema = z.union([z.string(), z.looseObject({ file: z.string().optional() })])

const fileSchema = z
  .looseObject({
    connection: referenceSchema,
    path: z.string(),
    driver: z.unknown(),
    config: z.record(z.string(), z.unknown()),
    tempDir: z.string(),
    encryption: z.looseObject({ keyFile: z.string().optional() }).nullable(),
    notify: z.looseObject({
      heartbeat: referenceSchema.optional(),
      webhook: z.record(z.string(), referenceSchema).optional(),
    }),
  })
  .partial()

/**
 * The content of a configuration file, with absolute paths: relative ones start at the folder of the file, whatever
 * directory the command runs in. Invalid values stay unchanged; the check reports them.
 */
export function withPathsOf(file: string, content: unknown): unknown {
  const parsed = fileSchema.safeParse(content)
  if (!parsed.success) return content
  const folder = dirname(resolve(file))
  const { connection, path, tempDir, encryption, notify } = parsed.data
  const isFilesystem = parsed.data.driver === undefined || parsed.data.driver === 'filesystem'
  return {
    ...parsed.data,
    ...destinationFrom(folder, parsed.data),
    ...(connection === undefined ? {} : { connection: connectionFrom(folder, connection) }),
    ...(path === undefined
      ? {}
      : { path: isFilesystem ? pathFrom(folder, path) : relativeFrom(folder, path) }),
    ...(tempDir === undefined ? {} : { tempDir: pathFrom(folder, tempDir) }),
    ...(encryption?.keyFile === undefined
      ? {}
      : { encryption: { ...encryption, keyFile: pathFrom(folder, encryption.keyFile) } }),
    ...(notify === undefined ? {} : { notify: notifyFrom(folder, notify) }),
  }
}

type Reference = z.infer<typeof referenceSchema>

function referenceFrom(folder: string, reference: Reference): Reference {
  return typeof reference === 'string' || reference.file === undefined
    ? reference
    : { ...reference, file: pathFrom(folder, reference.file) }
}

function notifyFrom(
  folder: string,
  { heartbeat, webhook, ...rest }: NonNullable<z.infer<typeof fileSchema>['notify']>,
): unknown {
  return {
    ...rest,
    ...(heartbeat === undefined ? {} : { heartbeat: referenceFrom(folder, heartbeat) }),
    ...(webhook === undefined
      ? {}
      : {
          webhook: Object.fromEntries(
            Object.entries(webhook).map(([name, reference]) => [name, referenceFrom(folder, reference)]),
          ),
        }),
  }
}

/** `file://./database` in a file starts at its folder, too. */
function connectionFrom(folder: string, connection: Reference): Reference {
  if (typeof connection !== 'string') return referenceFrom(folder, connection)
  const [, path] = /^file:\/\/((?:\.{1,2}|~)(?:\/.*)?)$/.exec(connection) ?? []
  return path === undefined || isAbsolute(path) ? connection : `file://${pathFrom(folder, path)}`
}
