import { type Alteration, type Case, records } from '../case.ts'
import { type BackupContent, chain, filesOf, type State } from '../writer.ts'

/** Two people, one of them with a raw form. */
export const people: State = {
  ann: { row: { name: 'Ann', age: 7 } },
  zoe: { row: { name: 'Zoë' }, raw: { body: 'x' } },
}

export const filesOfAll = (backups: readonly BackupContent[]) =>
  new Map(backups.flatMap((backup) => [...filesOf(backup)]))

/** A chain of one resource, `users`, of which the newest backup is altered. The states are those that were written. */
function altered(states: readonly State[], alter: Alteration): () => Map<string, Buffer> {
  return () => {
    const all = chain(...states)
    alter(all.at(-1)!, all)
    return filesOfAll(all)
  }
}

type Words = readonly [name: string, title: string, proves: string]

const words = ([name, title, proves]: Words) => ({ name, title, proves: proves.split(' ') })

/** A backup, or a chain, that is read in spite of what was done to it, as the last state or as something else. */
export function read(
  what: Words,
  states: readonly State[],
  alter: Alteration = () => undefined,
  more: Partial<Case> & { readonly users?: readonly Record<string, unknown>[] } = {},
): Case {
  const { users = records(states.at(-1)!), ...rest } = more
  return {
    ...words(what),
    id: `b${states.length - 1}`,
    expect: {
      state: {
        chain: states.map((_, turn) => `b${turn}`),
        status: 'completed',
        resources: { users },
        internal: {},
      },
    },
    files: altered(states, alter),
    ...rest,
  }
}

/** A backup, or a chain, that a reader must refuse for what was done to it. */
export function refused(
  what: Words,
  alter: Alteration,
  { states = [people], code = 'corrupt', ...more }: { states?: State[]; code?: string } & Partial<Case> = {},
): Case {
  return {
    ...words(what),
    id: `b${states.length - 1}`,
    expect: { refused: code },
    files: altered(states, alter),
    ...more,
  }
}
