import { consolidate, type Driver, prune, restore, type Source, type Target } from '@s3db-backup/core'
import { rotateKeys } from '@s3db-backup/core/internal'
import { multi, sync } from '@s3db-backup/driver-multi'
import { rotate } from '@s3db-backup/encryption'
import { dateOf, type History, keys, makeBackup, today } from './history.ts'
import { sourceOf, stateOn } from './model.ts'

/** What an operation works with. Only sync uses the second place. */
export interface Bench {
  readonly history: Pick<History, 'days'>
  readonly driver: Driver
  readonly second: Driver
  readonly target: Target
  /** Stands between the database and whoever reads it. */
  readonly watch?: ((source: Source) => Source) | undefined
  readonly signal: AbortSignal
}

export interface Operation {
  /** Whether its backups are encrypted. */
  readonly encrypted: boolean
  run(bench: Bench): Promise<unknown>
  /** The day of whose state a backup is that the operation makes; none if it makes none. */
  readonly makes?: number
  /** Which of the earlier backups it may remove. */
  removes?(history: Pick<History, 'days'>): readonly string[]
  /** The day whose state the target has once it is through. */
  readonly restores?: number
  /** Brings the second place to what the first has. The chain is there already. */
  readonly copies?: true
}

const idOn = ({ days }: Pick<History, 'days'>, wanted: number): string => {
  const id = Object.keys(days).find((one) => days[one] === wanted)
  if (id === undefined) throw new Error(`No backup of day ${wanted}`)
  return id
}

const watched = (watch: Bench['watch']) =>
  watch === undefined ? {} : { source: watch(sourceOf(stateOn(today))) }

const chain = ({ days }: Pick<History, 'days'>) => Object.keys(days).filter((id) => (days[id] ?? 0) <= 3)

/** Everything that changes a destination, or a database. */
export const operations = {
  backup: {
    encrypted: false,
    makes: today,
    run: ({ driver, signal, watch }) => makeBackup(driver, today, { signal, ...watched(watch) }),
  },
  incremental: {
    encrypted: false,
    makes: today,
    run: ({ driver, signal, watch }) =>
      makeBackup(driver, today, { signal, type: 'incremental', incremental: {}, ...watched(watch) }),
  },
  restore: {
    encrypted: false,
    restores: 3,
    run: ({ driver, target, signal, history }) =>
      restore({ driver, id: idOn(history, 3), target, mode: 'replace', signal }),
  },
  prune: {
    encrypted: false,
    removes: chain,
    run: ({ driver, signal, history }) =>
      prune({
        driver,
        signal,
        now: () => dateOf(today),
        plan: (backups) => {
          const going = chain(history)
          const decided = backups.map(({ id }) => ({ id, reasons: ['a chain too many'] }))
          const goes = ({ id }: { readonly id: string }) => going.includes(id)
          return { keep: decided.filter((one) => !goes(one)), remove: decided.filter(goes) }
        },
      }),
  },
  consolidate: {
    encrypted: false,
    makes: 3,
    run: ({ driver, signal, history }) => consolidate({ driver, id: idOn(history, 3), signal }),
  },
  'rotate-key': {
    encrypted: true,
    run: ({ driver, signal, history }) =>
      rotateKeys({
        driver,
        id: idOn(history, 4),
        rotate: (stored) => rotate({ ...stored, open: keys.both, recipients: keys.new }),
        removeOld: true,
        signal,
      }),
  },
  sync: {
    encrypted: true,
    copies: true,
    run: ({ driver, second, signal }) => sync({ multi: multi({ drivers: [driver, second] }), signal }),
  },
} as const satisfies Record<string, Operation>

/** What lies at the second place beforehand. */
export function atSecond({ copies }: Operation, history: History): Pick<History, 'objects'> {
  const there = copies ? chain(history) : []
  return { objects: history.objects.filter(([key]) => there.some((id) => key.startsWith(`${id}/`))) }
}

export type OperationName = keyof typeof operations

export const operationNames = Object.keys(operations) as OperationName[]

export function operation(name: OperationName): Operation {
  return operations[name]
}
