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
 * that does not exist: a misspelt name must not make a backup that lacks it. What selects nothing at all is refused
 * as well: `not_found` where globs match no name, `invalid_options` for an empty list and if all is excluded again.
 */
export function select(names: readonly string[], selection: Selection): string[] {
  const { resources, exclude = [] } = selection
  if (resources?.length === 0) throw namesNothing()
  for (const wanted of resources ?? []) {
    if (!isGlob(wanted) && !names.includes(wanted) && !isOfObjects(wanted))
      throw unknown(wanted, names, nearest(wanted, names))
  }
  const selected = selectedOf(names, selection)
  // Objects may be all that is wanted, and every name of an empty database is none.
  if (resources === undefined || resources.some(isOfObjects) || names.length === 0) return selected
  if (selectedOf(names, { resources }).length === 0) throw unknown(resources.join(', '), names)
  if (selected.length === 0) throw allExcluded(resources, exclude)
  return selected
}

/** The selected names, in their given order; none of them if nothing is selected. */
export function selectedOf(names: readonly string[], { resources, exclude = [] }: Selection): string[] {
  const isAny = (globs: readonly string[]) => (name: string) => globs.some((glob) => matches(name, glob))
  const included = resources === undefined ? names : names.filter(isAny(resources))
  const isExcluded = isAny(exclude)
  return included.filter((name) => !isExcluded(name))
}

function unknown(wanted: string, names: readonly string[], hint = ''): BackupError {
  return new BackupError('not_found', `There is no resource "${wanted}"${hint}`, {
    suggestion: names.length === 0 ? 'There are no resources.' : `Resources: ${names.join(', ')}.`,
    metadata: { resource: wanted },
  })
}

function namesNothing(): BackupError {
  return new BackupError('invalid_options', 'The list of resources is empty, so nothing is selected', {
    suggestion: 'Name a resource, or leave resources out for all of them.',
  })
}

function allExcluded(resources: readonly string[], exclude: readonly string[]): BackupError {
  return new BackupError(
    'invalid_options',
    `Nothing is selected: all that "${resources.join(', ')}" names is excluded by "${exclude.join(', ')}"`,
    { suggestion: 'Exclude less.' },
  )
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
