import type { BackupContent, Fields, State } from './writer.ts'

/** What a reader makes of a backup: the records of every resource at the end of its chain. */
export interface ExpectedState {
  readonly chain: readonly string[]
  readonly status: 'completed' | 'incomplete'
  readonly resources: Readonly<Record<string, readonly Fields[]>>
  readonly internal: Readonly<Record<string, readonly Fields[]>>
}

export interface Case {
  readonly name: string
  /** A sentence: what holds, for whom. */
  readonly title: string
  /** The tags of the sentences of the format's document that it proves. */
  readonly proves: readonly string[]
  /** The backup to be read. */
  readonly id: string
  /** What was expected before, and why that changed. The files did not. */
  readonly history?: string
  /** What a reader needs beyond JSON, SHA-256, gzip and deflate. Without it the reader refuses. */
  readonly needs?: readonly string[]
  readonly expect: { readonly state: ExpectedState } | { readonly refused: string }
  /** Which backups there are, and which are damaged, where a case is about that. */
  readonly list?: { readonly backups: readonly string[]; readonly damaged: readonly string[] }
  readonly files: () => Map<string, Buffer>
}

export const records = (state: State): Fields[] =>
  Object.entries(state)
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([id, { row, raw }]) => ({ row: { id, ...row }, ...(raw === undefined ? {} : { raw }) }))

export const recordsOf = (states: Readonly<Record<string, State>>) =>
  Object.fromEntries(Object.entries(states).map(([name, state]) => [name, records(state)]))

/** Something done to the newest of some backups. */
export type Alteration = (newest: BackupContent, all: readonly BackupContent[]) => void
