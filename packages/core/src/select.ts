import { BackupError } from './errors.js'
import { nearest } from './nearest.js'

/**
 * Which resources. Names may be globs with `*` and `?`: `cache_*`. A name with a `=` in it, or a `:` in front, means
 * objects that are not records (data of plugins, counters, history): `plugin=audit`, `plugin=*`, `sequence=id`.
 */
export interface Selection {
  /** Only these; all if left out. */
  readonly resources?: readonly string[] | undefined
  /** Not these. Wins over `resources`. */
  readonly exclude?: readonly string[] | undefined
}

/** Whether a name in a selection means objects that are not records. */
export function isOfObjects(name: string): boolean {
  return name.startsWith(':') || name.includes('=')
}

/**
 * The selected names, in their given order. Throws `not_found` for a name without a wildcard in `resources`
 * that does not exist: a misspelt name must not make a backup that lacks it.
 */
export function select(names: readonly string[], selection: Selection): string[] {
  const { resources, exclude = [] } = selection
  for (const wanted of resources ?? []) {
    if (!isGlob(wanted) && !names.includes(wanted) && !isOfObjects(wanted)) {
      throw new BackupError('not_found', `There is no resource "${wanted}"${nearest(wanted, names)}`, {
        suggestion: names.length === 0 ? 'There are no resources.' : `Resources: ${names.join(', ')}.`,
        metadata: { resource: wanted },
      })
    }
  }
  const included =
    resources === undefined ? names : names.filter((name) => resources.some((glob) => matches(name, glob)))
  return included.filter((name) => !exclude.some((glob) => matches(name, glob)))
}

function isGlob(text: string): boolean {
  return /[*?]/.test(text)
}

export function matches(name: string, glob: string): boolean {
  return isGlob(glob) ? new RegExp(`^${patternOf(glob)}$`, 'u').test(name) : name === glob
}

/** A glob as a regular expression. */
export function patternOf(glob: string): string {
  return glob
    .replaceAll(/[.+^${}()|[\]\\/]/g, '\\$&')
    .replaceAll('*', '[^]*')
    .replaceAll('?', '[^]')
}
