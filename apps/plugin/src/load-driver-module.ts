import { readFileSync } from 'node:fs'
import { createRequire, findPackageJSON } from 'node:module'
import { dirname, isAbsolute, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import * as z from 'zod'

/** Whether a name means a file: `./my-driver.js`, `/srv/my-driver.js`, `file:///srv/my-driver.js`. */
export function isPath(name: string): boolean {
  return /^\.{1,2}([/\\]|$)/.test(name) || isAbsolute(name) || name.startsWith('file:')
}

/**
 * The file that a package name or a path leads to; `undefined` if it leads nowhere. Both start at the current
 * directory; a package may also be installed beside this one.
 */
export function findModule(name: string): string | undefined {
  const here = pathToFileURL(join(process.cwd(), 'index.js')).href
  if (name.startsWith('file:')) return resolveFrom(fileURLToPath(name), here)
  return resolveFrom(name, here) ?? (isPath(name) ? undefined : resolveFrom(name, import.meta.url))
}

/** Whether the package is installed, with or without the file that it should be entered by. */
export function isInstalled(name: string): boolean {
  const here = pathToFileURL(join(process.cwd(), 'index.js')).href
  return !isPath(name) && manifestOf(name, here) !== undefined
}

/** Loads it, at once: a module may be one of either kind, but must not wait for anything at its top level. */
export function loadModule(file: string): unknown {
  const loaded: unknown = createRequire(import.meta.url)(file)
  return loaded
}

function resolveFrom(name: string, from: string): string | undefined {
  try {
    return createRequire(from).resolve(name)
  } catch (error) {
    if (hasCode(error, 'MODULE_NOT_FOUND')) return undefined
    if (hasCode(error, 'ERR_PACKAGE_PATH_NOT_EXPORTED')) return importEntry(name, from)
    throw error
  }
}

const target = z.union([z.string(), z.looseObject({ default: z.string() }).transform((each) => each.default)])
const entry = z.looseObject({ import: target }).transform((each) => each.import)
const manifestSchema = z.looseObject({
  exports: z.union([entry, z.looseObject({ '.': entry }).transform((each) => each['.'])]),
})

/** The entry of a package that says `import` and nothing else: asking as `require` does finds none. */
function importEntry(name: string, from: string): string | undefined {
  const manifest = manifestOf(name, from)
  if (manifest === undefined) return undefined
  const parsed = manifestSchema.safeParse(JSON.parse(readFileSync(manifest, 'utf8')))
  return parsed.success ? join(dirname(manifest), parsed.data.exports) : undefined
}

function manifestOf(name: string, from: string): string | undefined {
  try {
    return findPackageJSON(name, from)
  } catch (error) {
    if (hasCode(error, 'ERR_MODULE_NOT_FOUND') || hasCode(error, 'MODULE_NOT_FOUND')) return undefined
    throw error
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
