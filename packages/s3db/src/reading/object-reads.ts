import type { Call } from '@s3db-backup/core'
import type { Client } from '../client/database.js'
import type { InFlight, OnRefusal } from '../client/in-flight.js'
import { readObject } from '../client/objects.js'
import type { ListedObject } from '../listing/listing.js'
import type { StoredObject } from '../stored-form/index.js'
import { quickReads } from './quick-reads.js'

/** Reads of the objects of one storage, wherever they are asked for. */
export interface ObjectReads {
  /** Reads an object that was listed; nothing if there is none any more. */
  read(listed: Pick<ListedObject, 'key' | 'bytes'>, call: Call): Promise<StoredObject | undefined>
}

/** Reads objects in their places among all reads; the quick way where there is one and it is wanted. */
export function objectReads(client: Client, reads: InFlight, wanted = true): ObjectReads {
  const quick = wanted ? quickReads(client) : undefined

  const readOnce = async (
    { key, bytes }: Pick<ListedObject, 'key' | 'bytes'>,
    call: Call,
    refused: OnRefusal,
  ): Promise<StoredObject | undefined | 'refused'> => {
    const object = bytes === 0 && quick !== undefined ? await quick.read(key, call) : 'ordinary'
    if (object === 'ordinary') return readObject(client, key, call, refused)
    if (object === 'refused') refused()
    return object
  }

  return {
    async read(listed, call) {
      const object = await reads.run((refused) => readOnce(listed, call, refused), call)
      // The client of s3db.js waits between its attempts, and waits for a place among the fewer that there are now.
      return object === 'refused'
        ? reads.run((refused) => readObject(client, listed.key, call, refused), call)
        : object
    },
  }
}
