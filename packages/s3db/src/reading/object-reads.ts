import type { Call } from '@s3db-backup/core'
import type { Client } from '../client/database.js'
import type { InFlight, OnRefusal } from '../client/in-flight.js'
import { readObject } from '../client/objects.js'
import { versionClient } from '../client/version-client.js'
import type { ListedObject } from '../listing/listing.js'
import type { StoredObject } from '../stored-form/index.js'
import { quickReads } from './quick-reads.js'

export type ObjectToRead = Pick<ListedObject, 'key' | 'bytes'> & { readonly versionId?: string | undefined }

/** Reads of the objects of one storage, wherever they are asked for. */
export interface ObjectReads {
  /** Reads an object that was listed, or the version of it that is named; nothing if there is none any more. */
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

  return {
    async read(listed, call) {
      const object = await reads.run((refused) => readOnce(listed, call, refused), call)
      // The client of s3db.js waits between its attempts, and waits for a place among the fewer that there are now.
      return object === 'refused'
        ? reads.run((refused) => readObject(clientFor(listed), listed.key, call, refused), call)
        : object
    },
  }
}
