import type { Job } from '../../api/work.js'

/** A restore or a drill that had not ended when the page was closed. */
export interface CutOff {
  readonly kind: 'restore' | 'drill'
  readonly backup: string
  /** The database that a restore wrote into; `null` for a drill. */
  readonly target: string | null
  /** What was written, in sentences without a full stop. */
  readonly done: readonly string[]
}

/** Nothing for work that changes nothing. */
export function cutOffBy({ kind, backup, report }: Job): CutOff[] {
  if (kind === 'drill')
    return [
      {
        kind,
        backup,
        target: null,
        done: [
          report === null ? 'It has no result, and its database was removed' : 'Its report was not stored',
        ],
      },
    ]
  if (kind !== 'restore') return []
  const { resources, target } = report?.kind === 'restore' ? report : { resources: [], target: null }
  const none = resources.filter(({ written }) => written === 'none').map(({ name }) => name)
  const done = [
    ...resources.flatMap(({ name, written, restored, replaced, skipped, removed, upTo, expected }) => {
      if (written === 'none') return []
      if (written === 'part')
        return [
          `${name} is partly written: up to ${upTo ?? 0}${expected === null ? '' : ` of ${expected}`} records`,
        ]
      return [
        `${name} is complete: ${restored + replaced} records written, ${skipped} kept${removed > 0 ? `, ${removed} removed` : ''}`,
      ]
    }),
    ...(none.length === 0 ? [] : [`Not started: ${none.join(', ')}`]),
  ]
  return [{ kind, backup, target, done: resources.length === 0 ? ['Nothing was written'] : done }]
}
