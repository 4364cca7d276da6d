/*
 * What is said to the process of a query, and what it answers. It is loaded anew for each query, so nothing is imported
 * here; the parent process checks its answers (replies.ts), because it runs untrusted SQL.
 */

type Scalar = string | number | boolean | null

/** What a database may use. */
export interface DatabaseLimits {
  /** A folder for what does not fit into memory. */
  readonly spill: string
  /** Bytes. */
  readonly memory: number
  readonly threads: number
}

export type Request =
  /** Which tables does this SQL name? */
  | ({ readonly type: 'names'; readonly sql: string } & DatabaseLimits)
  /** Open a database with these views over these files, and with nothing else. */
  | ({
      readonly type: 'open'
      readonly views: readonly string[]
      readonly files: readonly string[]
    } & DatabaseLimits)
  | { readonly type: 'query'; readonly sql: string; readonly params: Scalar[] | Record<string, Scalar> }
  /** The next rows of the query. */
  | { readonly type: 'next' }
  /** Write what a query gives into a file; `options` are ours. */
  | { readonly type: 'copy'; readonly sql: string; readonly file: string; readonly options: string }

/** Why a request failed, as far as the caller can act on it. */
export type Failure = 'statement' | 'access' | 'memory' | 'space' | 'content' | 'sql'

const requestTypes: readonly unknown[] = [
  'names',
  'open',
  'query',
  'next',
  'copy',
] satisfies Request['type'][]

/** Requests come only from the process that started this one, so their type is trusted. */
export function isRequest(message: unknown): message is Request {
  return (
    typeof message === 'object' &&
    message !== null &&
    'type' in message &&
    requestTypes.includes(message.type)
  )
}
