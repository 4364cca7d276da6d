import {
  type Call,
  type IdRange,
  isBackupError,
  type JsonValue,
  type LostRecord,
  type Row,
  type RowIndexEntry,
  type SecondAnswer,
  type SecondLook,
} from '@s3db-backup/core'
import { ordered } from '@s3db-backup/core/internal'
import type { Client } from '../client/database.js'
import { checkThere } from '../client/files/check-folder.js'
import { fileReads } from '../client/files/file-database.js'
import type { InFlight } from '../client/in-flight.js'
import { type Asked, askForObject } from '../client/objects.js'
import type { KeyRange } from '../listing/key-range.js'
import { listPages, otherPageSize } from '../listing/listing.js'
import type { ListedAs } from '../listing/steady-listing.js'
import { inOrder, type Understanding, understoodOrLost } from './record-reader.js'

/** Where the records of a resource lie, and how they are understood. */
export interface Located extends ListedAs {
  readonly prefixes: readonly string[]
  readonly keyOf: (id: string) => string
  /** The keys of a range of ids. */
  readonly rangeOf: (range: IdRange | undefined) => KeyRange | undefined
  readonly understand: Understanding
}

/** How many keys are requested in parallel, within the limit of all reads. */
const asksInFlight = 32

/** How a storage is asked once more. */
export interface Asking {
  /** Asks for one key by itself. */
  readonly ask: (key: string, call: Call) => Promise<Asked>
  /** Lists the keys below a prefix with other page borders than the first time. */
  readonly list: (
    prefix: string,
    call: Call,
    range?: KeyRange,
  ) => AsyncIterable<{ readonly keys: readonly string[] }>
}

/** Asks for the present state. */
export function askingNow(client: Client): Asking {
  return {
    ask: (key, call) => askForObject(client, key, call),
    async *list(prefix, call, range) {
      const how = { keysPerPage: otherPageSize, range }
      for await (const { objects } of listPages(client, prefix, call, how))
        yield { keys: objects.map(({ key }) => key) }
    },
  }
}

/** Asks an s3db.js database's storage once more for what a listing did not show. */
export function databaseSecondLook(
  client: Client,
  reads: InFlight,
  asking: Asking,
  locate: (resource: string, call: Call) => Promise<Located | undefined>,
): SecondLook {
  return {
    async ask(resource, ids, call) {
      const located = await locate(resource, call)
      if (located === undefined) return { gone: [], requests: 0 }
      const answers = startAnswers(located.understand)
      const ask = async (id: string) => ({ id, answer: await answerOf(located.keyOf(id), call) })
      for await (const { id, answer } of ordered(ids, asksInFlight, ask)) answers.add(id, answer)
      // If its folder is gone, every file of a database is missing.
      const files = fileReads(client)
      if (files !== undefined) await checkThere(files, call)
      return answers.result()
    },

    async *list(resource, call) {
      const located = await locate(resource, call)
      if (located === undefined) return
      const range = located.rangeOf(call.range)
      for (const prefix of located.prefixes) {
        for await (const page of asking.list(prefix, call, range)) {
          const keys = page.keys.filter((key) => !located.isLeftOut(key))
          yield { ids: keys.map(located.idOf), requests: 1 }
        }
      }
    },
  }

  /** What fails for one key alone is its loss; what fails for the whole storage is thrown. */
  async function answerOf(key: string, call: Call): Promise<Asked | { readonly lost: string }> {
    try {
      return await reads.run(() => asking.ask(key, call), call)
    } catch (error) {
      if (!isBackupError(error) || error.metadata.wholeStorage !== false) throw error
      return { lost: error.message }
    }
  }
}

function startAnswers(understand: Understanding) {
  const gone: string[] = []
  const rows: Row[] = []
  const marks: RowIndexEntry[] = []
  const raw = new Map<string, JsonValue>()
  const lost: LostRecord[] = []
  let requests = 0

  return {
    add(id: string, answer: Asked | { readonly lost: string }) {
      requests += 'lost' in answer ? 1 : answer.requests
      if ('lost' in answer) {
        lost.push({ id, reason: answer.lost })
        return
      }
      if (answer.object === undefined) {
        gone.push(id)
        return
      }
      const record = understoodOrLost(inOrder(answer.object), id, understand)
      if ('lost' in record) {
        lost.push({ id, reason: record.lost })
        return
      }
      rows.push(record.row)
      // No listing shows the time of this record, so the next backup reads it again.
      marks.push({ id, modified: 0 })
      if (record.raw !== undefined) raw.set(id, record.raw)
    },
    result: (): SecondAnswer => ({ gone, found: { rows, marks, raw }, lost, requests }),
  }
}
