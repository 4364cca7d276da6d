import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Imported first, it makes a process hold what BALLAST says, in MiB. */
export const ballast = pathToFileURL(join(import.meta.dirname, 'ballast.ts')).href

/** The environment of a process that holds so many MiB from its beginning to its end. */
export function withBallast(mebibytes: number, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const options = [env.NODE_OPTIONS, `--import=${ballast}`].filter((option) => option !== undefined)
  return { ...env, NODE_OPTIONS: options.join(' '), BALLAST: String(mebibytes) }
}
