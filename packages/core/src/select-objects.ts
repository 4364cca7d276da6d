import { BackupError } from './errors.js'
import { filterBatch } from './filter-batch.js'
import type { Batch, ResourceInfo } from './ports/source.js'
import { isOfObjects, matches, patternOf, type Selection } from './select.js'

/** Selects the objects that are not records. */
export interface ObjectChoice {
  /** Whether any of an internal resource may be taken. */
  takes(info: { readonly name: string; readonly of?: ResourceInfo['of'] | undefined }): boolean
  /** Selects the records of a batch of an internal resource. */
  choose(batch: Batch, info: Pick<ResourceInfo, 'of'>): Batch
}

/**
 * Objects of a resource go with it. Those of the database as a whole are taken unless resources are chosen by name;
 * `plugin=audit` among the names takes those of one plugin. Objects that `exclude` names are left out everywhere.
 *
 * A name fits an object if it is one segment of its key, or some that follow each other: `plugin=audit` fits
 * `plugin=audit/cursor` and `resource=users/plugin=audit/log`. With `onlyNamed` nothing is taken but what is named so.
 */
export function chooseObjects(
  selection: Selection,
  selected: ReadonlySet<string>,
  { onlyNamed = false }: { readonly onlyNamed?: boolean } = {},
): ObjectChoice {
  const excluded = (selection.exclude ?? []).filter(isOfObjects)
  const named = selection.resources?.filter(isOfObjects)
  const wanted = onlyNamed ? (named ?? []) : named
  const isExcluded = fitting(excluded)
  const isWanted = wanted === undefined ? () => true : fitting(wanted)

  return {
    takes({ name, of }) {
      if (excluded.some((glob) => matches(name, glob))) return false
      if (onlyNamed && wanted?.length === 0) return false
      if (typeof of === 'string') return selected.has(of)
      return wanted === undefined || wanted.length > 0
    },
    choose(batch, { of }) {
      const whole = wanted?.some((name) => name.startsWith(':')) === true
      const keeps = (id: string) =>
        !isExcluded(id) && ((typeof of === 'string' && !onlyNamed) || whole || isWanted(id))
      return onlyIds(batch, keeps)
    },
  }
}

/**
 * Throws `not_found` if nothing but objects was named, and none of them was found: a misspelt name must not succeed
 * with nothing. A name with a `:` in front means all there are, so there may be none.
 */
export function refuseNoObjects({ resources = [] }: Selection, found: number): void {
  const isNamed = (name: string) => isOfObjects(name) && !name.startsWith(':')
  if (found > 0 || resources.length === 0 || !resources.every(isNamed)) return
  throw new BackupError('not_found', `There is no object that "${resources.join(', ')}" names`, {
    suggestion:
      'Name data of a plugin as plugin=<its name>, or all objects that are not records as :objects.',
    metadata: { resources },
  })
}

function fitting(globs: readonly string[]): (id: string) => boolean {
  const patterns = globs.map((glob) => new RegExp(`(?:^|/)${patternOf(glob)}(?:/|$)`, 'u'))
  return (id) => patterns.some((pattern) => pattern.test(id))
}

function onlyIds(batch: Batch, keeps: (id: string) => boolean): Batch {
  const kept = filterBatch(batch, ({ id }) => keeps(id))
  const { lost } = kept
  return lost === undefined ? kept : { ...kept, lost: lost.filter(({ id }) => keeps(id)) }
}
