import { type Call, isBackupError } from '@s3db-backup/core'
import { errorCode } from '../client/client-errors.js'
import type { Client } from '../client/database.js'
import type { InFlight, OnRefusal } from '../client/in-flight.js'
import { readObject } from '../client/objects.js'
import { versionClient } from '../client/version-client.js'
import type { ListedObject } from '../listing/listing.js'
import type { StoredObject } from '../stored-form/index.js'
import { quickReads } from './quick-reads.js'

export type ObjectToRead = Pick<ListedObject, 'key' | 'bytes'> & { readonly versionId?: string | undefined }

/** Reads of the objects of one storage, shared by all callers. */
export interface ObjectReads {
  /** Reads a listed object, or the given version of it; `undefined` if it no longer exists. */
  read(listed: ObjectToRead, call: Call): Promise<StoredObject | undefined>
}

/** Reads objects in their places among all reads; the quick way where there is one and it is wanted. */
export function objectReads(client: Client, reads: InFlight, wanted = true): ObjectReads {
  const quick = wanted ? quickReads(client) : undefined

  const clientFor = ({ versionId }: ObjectToRead) =>
    versionId === undefined ? client : versionClient(client, versionId)

  const readOnce = async (
    listed: ObjectToRead,
    call: Call,
    refused: OnRefusal,
  ): Promise<StoredObject | undefined | 'refused'> => {
    const { key, bytes } = listed
    const object = bytes === 0 && quick !== undefined ? await quick.read(listed, call) : 'ordinary'
    if (object === 'ordinary') return readObject(clientFor(listed), key, call, refused)
    if (object === 'refused') refused()
    return object
  }

  const readOrdinary = (listed: ObjectToRead, call: Call) =>
    reads.run((refused) => readObject(clientFor(listed), listed.key, call, refused), call)

  return {
    async read(listed, call) {
      try {
        const object = await reads.run((refused) => readOnce(listed, call, refused), call)
        // The client of s3db.js waits between its attempts, and waits for one of the places, of which there are now
        // fewer.
        return object === 'refused' ? await readOrdinary(listed, call) : object
      } catch (error) {
        return await untilWhole(() => readOrdinary(listed, call), error)
      }
    },
  }
}

/**
 * How often an object is requested again after its connection broke, in addition to the attempts of s3db.js's client.
 */
const repeats = 2

/**
 * A connection that breaks says nothing of the object: servers close those that were idle, and a request may be on its way
 * just then. A client that was opened without retries would fail a whole backup for it.
 */
async function untilWhole<T>(read: () => Promise<T>, first: unknown): Promise<T> {
  let failure = first
  for (let left = repeats; left > 0 && wasBroken(failure); left--)
    try {
      return await read()
    } catch (error) {
      failure = error
    }
  throw failure
}

const broken = /^(ECONNRESET|EPIPE|ERR_STREAM_PREMATURE_CLOSE)$/

function wasBroken(error: unknown): boolean {
  return isBackupError(error, 'unavailable') && broken.test(errorCode(error.cause))
}
