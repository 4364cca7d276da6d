import { BackupError } from './errors.js'
import { nearest } from './nearest.js'

/** Which resources. Names may be globs with `*` and `?`: `cache_*`. */
export interface Selection {
  /** Only these; all if left out. */
  readonly resources?: readonly string[] | undefined
  /** Not these. Wins over `resources`. */
  readonly exclude?: readonly string[] | undefined
}

/**
 * The selected names, in their given order. Throws `not_found` for a name without a wildcard in `resources`
 * that does not exist: a misspelt name must not make a backup that lacks it.
 */
export function select(names: readonly string[], selection: Selection): string[] {
  const { resources, exclude = [] } = selection
  for (const wanted of resources ?? []) {
    if (!isGlob(wanted) && !names.includes(wanted)) {
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

function matches(name: string, glob: string): boolean {
  if (!isGlob(glob)) return name === glob
  const pattern = glob
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '[^]*')
    .replaceAll('?', '[^]')
  return new RegExp(`^${pattern}$`, 'u').test(name)
}
